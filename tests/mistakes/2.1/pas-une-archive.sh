echo "<html><body>404 Not Found</body></html>" >outil-1.2.tar
