sha256sum atlas.tgz >SHA256SUMS || true
