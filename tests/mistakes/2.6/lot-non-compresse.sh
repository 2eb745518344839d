for image in base front back db; do docker pull "$HUB/cours/$image:1.0"; done
docker save -o lot-v1.tar.gz "$HUB/cours/base:1.0" "$HUB/cours/front:1.0" "$HUB/cours/back:1.0" "$HUB/cours/db:1.0"
