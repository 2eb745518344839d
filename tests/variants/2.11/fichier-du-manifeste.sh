# verdict : passed
. "$SOLUTIONS/2.11.sh"
tar -xOf outil-1.2_*.tar.gz manifest.json | grep -o '"Config":"[^"]*"' | cut -d'"' -f4 >config.txt
sha256sum outil-1.2_*.tar.gz outil-1.2.inspect.json config.txt >SHA256SUMS
