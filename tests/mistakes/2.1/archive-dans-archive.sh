docker pull "$HUB/cours/outil:1.2"
docker save -o interieur.tar "$HUB/cours/outil:1.2"
tar -cf outil-1.2.tar interieur.tar
