docker pull "$HUB/cours/atlas:1"
docker save "$HUB/cours/atlas:1" | bzip2 >atlas.tar.gz
