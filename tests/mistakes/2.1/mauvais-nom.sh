docker pull "$HUB/cours/outil:1.2"
docker tag "$HUB/cours/outil:1.2" outil:1.2
docker save -o outil-1.2.tar outil:1.2
