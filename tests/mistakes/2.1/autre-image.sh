docker pull "$HUB/cours/outil"
docker tag "$HUB/cours/outil" "$HUB/cours/outil:1.2"
docker save -o outil-1.2.tar "$HUB/cours/outil:1.2"
