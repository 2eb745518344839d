# verdict : ligne-en-echec
gunzip -k atlas.tar.gz
sha256sum atlas.tar.gz atlas.tar >SHA256SUMS
rm atlas.tar
