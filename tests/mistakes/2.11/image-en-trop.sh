. "$SOLUTIONS/2.11.sh"
docker pull "$HUB/cours/atlas:1"
docker save "$HUB/cours/outil:1.2" "$HUB/cours/atlas:1" | gzip >"$(echo outil-1.2_*.tar.gz)"
sha256sum outil-1.2_*.tar.gz outil-1.2.inspect.json config.txt >SHA256SUMS
