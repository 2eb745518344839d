# verdict : passed
. "$SOLUTIONS/2.11.sh"
mv outil-1.2_*.tar.gz "outil-1.2_$(date +%Y%m%dT%H%M).tar.gz"
sha256sum outil-1.2_*.tar.gz outil-1.2.inspect.json config.txt >SHA256SUMS
