echo "bonjour" | gzip >atlas.tar.gz
