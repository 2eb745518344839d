cat atlas.tar.gz | sha256sum >SHA256SUMS
