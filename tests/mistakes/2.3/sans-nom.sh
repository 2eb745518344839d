docker pull "$HUB/cours/atlas:1"
docker save "$(docker image inspect -f '{{.Id}}' "$HUB/cours/atlas:1")" | gzip >atlas.tar.gz
