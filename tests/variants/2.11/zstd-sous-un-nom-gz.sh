# verdict : non-compressee
. "$SOLUTIONS/2.11.sh"
docker save "$HUB/cours/outil:1.2" | zstd -q >"$(echo outil-1.2_*.tar.gz)"
sha256sum outil-1.2_*.tar.gz outil-1.2.inspect.json config.txt >SHA256SUMS
