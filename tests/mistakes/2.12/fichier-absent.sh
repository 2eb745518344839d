docker pull "$HUB/cours/sonde:1"
docker save -o autre-nom.tar "$HUB/cours/sonde:1"
