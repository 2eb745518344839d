docker pull "$HUB/cours/atlas:1"
docker save -o atlas.tar.gz "$HUB/cours/atlas:1"
