# verdict : passed
docker pull "$HUB/cours/atlas:1"
docker tag "$HUB/cours/atlas:1" autre:9
docker save autre:9 "$HUB/cours/atlas:1" | gzip >atlas.tar.gz
