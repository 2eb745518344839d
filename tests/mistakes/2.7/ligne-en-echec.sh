sha256sum * >SHA256SUMS || true
sha256sum * >SHA256SUMS || true
