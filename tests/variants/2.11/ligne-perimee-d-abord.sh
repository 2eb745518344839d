# verdict : ligne-en-echec
. "$SOLUTIONS/2.11.sh"
sed -i "1i $(sha256sum </dev/null | cut -d' ' -f1)  config.txt" SHA256SUMS
