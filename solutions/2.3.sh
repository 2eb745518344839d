docker pull "$HUB/cours/atlas:1"
docker save "$HUB/cours/atlas:1" | gzip >atlas.tar.gz
