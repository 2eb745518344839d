docker pull "$HUB/cours/base:1.0"
docker save -o autre-nom.tar "$HUB/cours/base:1.0"
