md5sum atlas.tar.gz >SHA256SUMS
