# verdict : inspection-partielle
. "$SOLUTIONS/2.11.sh"
docker pull "$HUB/cours/outil:1.0"
docker image inspect "$HUB/cours/outil:1.2" "$HUB/cours/outil:1.0" >outil-1.2.inspect.json
sha256sum outil-1.2_*.tar.gz outil-1.2.inspect.json config.txt >SHA256SUMS
