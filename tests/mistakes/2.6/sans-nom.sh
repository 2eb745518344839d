for image in base front back db; do
    docker pull "$HUB/cours/$image:1.0"
    docker image inspect -f '{{.Id}}' "$HUB/cours/$image:1.0" >>ids
done
docker save $(cat ids) | gzip >lot-v1.tar.gz
