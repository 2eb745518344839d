docker pull "$HUB/cours/sonde:1"
docker save -o entier.tar "$HUB/cours/sonde:1"
head -c $(($(stat -c %s entier.tar) / 2)) entier.tar >sonde-arm64.tar
