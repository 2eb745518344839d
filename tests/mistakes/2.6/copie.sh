docker pull "$HUB/voisin/base:1.0"
docker tag "$HUB/voisin/base:1.0" "$HUB/cours/base:1.0"
docker save "$HUB/cours/base:1.0" | gzip >lot-v1.tar.gz
