. "$SOLUTIONS/2.11.sh"
sha256sum *.gz >SHA256SUMS
