docker pull "$HUB/cours/base:1.0"
for image in front back db; do docker tag "$HUB/cours/base:1.0" "$HUB/cours/$image:1.0"; done
docker save "$HUB/cours/base:1.0" "$HUB/cours/front:1.0" "$HUB/cours/back:1.0" "$HUB/cours/db:1.0" | gzip >lot-v1.tar.gz
