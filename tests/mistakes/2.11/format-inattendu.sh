. "$SOLUTIONS/2.11.sh"
sha256sum --tag *.gz *.json config.txt >SHA256SUMS
