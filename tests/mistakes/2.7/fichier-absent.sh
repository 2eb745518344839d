sha256sum atlas.tar.gz
