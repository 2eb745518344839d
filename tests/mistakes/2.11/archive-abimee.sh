mkdir -p archivage
docker pull "$HUB/cours/outil:1.2"
docker save -o entier.tar "$HUB/cours/outil:1.2"
head -c $(($(stat -c %s entier.tar) / 2)) entier.tar | gzip >archivage/outil-1.2_20261123.tar.gz
