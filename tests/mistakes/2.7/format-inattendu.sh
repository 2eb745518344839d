echo "atlas.tar.gz : $(sha256sum <atlas.tar.gz)" >SHA256SUMS
