# verdict : passed
sha256sum atlas.tar.gz | tr -s ' ' >SHA256SUMS
sha256sum -c SHA256SUMS
