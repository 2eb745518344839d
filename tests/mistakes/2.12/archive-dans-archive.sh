docker pull "$HUB/cours/sonde:1"
docker save -o interieur.tar "$HUB/cours/sonde:1"
tar -cf sonde-arm64.tar interieur.tar
