# verdict : passed
. "$SOLUTIONS/2.11.sh"
sed -i 's/^sha256://' config.txt
sha256sum *.tar.gz *.json *.txt >SHA256SUMS
