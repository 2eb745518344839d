docker pull "$HUB/cours/outil"
docker tag "$HUB/cours/outil" "$HUB/cours/outil:1.2"
