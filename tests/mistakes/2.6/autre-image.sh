for image in base front back; do docker pull "$HUB/cours/$image:1.0"; done
docker pull "$HUB/cours/journal:1"
docker tag "$HUB/cours/journal:1" "$HUB/cours/db:1.0"
docker save "$HUB/cours/base:1.0" "$HUB/cours/front:1.0" "$HUB/cours/back:1.0" "$HUB/cours/db:1.0" | gzip >lot-v1.tar.gz
