docker pull "$HUB/cours/atlas:1"
docker save -o entier.tar "$HUB/cours/atlas:1"
head -c $(($(stat -c %s entier.tar) / 2)) entier.tar | gzip >atlas.tar.gz
