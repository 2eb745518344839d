docker pull "$HUB/cours/atlas:1"
docker tag "$HUB/cours/atlas:1" autre:9
docker save autre:9 | gzip >atlas.tar.gz
