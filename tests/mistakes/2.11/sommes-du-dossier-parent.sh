. "$SOLUTIONS/2.11.sh"
cd ..
sha256sum archivage/*.tar.gz archivage/*.json archivage/*.txt >archivage/SHA256SUMS
