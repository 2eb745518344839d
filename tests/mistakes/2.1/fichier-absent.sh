docker pull "$HUB/cours/outil:1.2"
docker save -o autre-nom.tar "$HUB/cours/outil:1.2"
