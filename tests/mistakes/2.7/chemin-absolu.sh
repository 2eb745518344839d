sha256sum "$PWD/atlas.tar.gz" >SHA256SUMS
