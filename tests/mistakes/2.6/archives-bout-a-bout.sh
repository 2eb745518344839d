for image in base front back db; do docker pull "$HUB/cours/$image:1.0"; done
for image in base front back db; do docker save "$HUB/cours/$image:1.0"; done | gzip >lot-v1.tar.gz
