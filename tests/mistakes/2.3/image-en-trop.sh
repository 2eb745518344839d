docker pull "$HUB/cours/atlas:1"
docker pull "$HUB/cours/outil:1.2"
docker save "$HUB/cours/atlas:1" "$HUB/cours/outil:1.2" | gzip >atlas.tar.gz
