sha256sum --tag atlas.tar.gz >SHA256SUMS
