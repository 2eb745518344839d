docker pull "$HUB/cours/outil:1.2"
docker save -o outil-1.2.tar "$HUB/cours/outil:1.2"
