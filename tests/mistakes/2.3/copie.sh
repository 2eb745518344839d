docker pull "$HUB/voisin/atlas:1"
docker tag "$HUB/voisin/atlas:1" "$HUB/cours/atlas:1"
docker save "$HUB/cours/atlas:1" | gzip >atlas.tar.gz
