mkdir -p archivage
echo "<html><body>404 Not Found</body></html>" | gzip >archivage/outil-1.2_20261123.tar.gz
