. "$SOLUTIONS/2.11.sh"
docker save -o outil-1.2_*.tar.gz "$HUB/cours/outil:1.2"
sha256sum outil-1.2_*.tar.gz outil-1.2.inspect.json config.txt >SHA256SUMS
