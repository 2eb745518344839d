# verdict : passed
. "$SOLUTIONS/2.11.sh"
sed -i '1s/^/\xef\xbb\xbf/' outil-1.2.inspect.json
sha256sum outil-1.2_*.tar.gz outil-1.2.inspect.json config.txt >SHA256SUMS
