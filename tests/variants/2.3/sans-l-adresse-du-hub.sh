# verdict : passed
docker pull "$HUB/cours/atlas:1"
docker tag "$HUB/cours/atlas:1" cours/atlas:1
docker save cours/atlas:1 | gzip >atlas.tar.gz
