echo "<html><body>404 Not Found</body></html>" | gzip >lot-v1.tar.gz
