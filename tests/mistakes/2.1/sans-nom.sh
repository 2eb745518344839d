docker pull "$HUB/cours/outil:1.2"
docker save -o outil-1.2.tar "$(docker image inspect -f '{{.Id}}' "$HUB/cours/outil:1.2")"
