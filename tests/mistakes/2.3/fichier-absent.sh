docker pull "$HUB/cours/atlas:1"
docker save -o autre-nom.tar "$HUB/cours/atlas:1"
