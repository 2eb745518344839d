docker pull "$HUB/cours/outil:1.2"
docker save -o entier.tar "$HUB/cours/outil:1.2"
head -c $(($(stat -c %s entier.tar) / 2)) entier.tar >outil-1.2.tar
