echo "<html><body>404 Not Found</body></html>" >instantane.tar
