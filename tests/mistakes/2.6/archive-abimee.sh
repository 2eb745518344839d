docker pull "$HUB/cours/base:1.0"
docker save -o entier.tar "$HUB/cours/base:1.0"
head -c $(($(stat -c %s entier.tar) / 2)) entier.tar | gzip >lot-v1.tar.gz
