# verdict : passed
sha256sum atlas.tar.gz atlas.tar.gz >SHA256SUMS
sha256sum -c SHA256SUMS
