# verdict : passed
sha256sum --tag atlas.tar.gz >SHA256SUMS
sha256sum -c SHA256SUMS
