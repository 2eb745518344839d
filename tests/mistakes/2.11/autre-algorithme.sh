. "$SOLUTIONS/2.11.sh"
sha512sum *.gz *.json config.txt >SHA256SUMS
