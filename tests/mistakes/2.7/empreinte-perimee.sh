sha256sum atlas.tar.gz >SHA256SUMS
gunzip atlas.tar.gz
gzip -1 atlas.tar
