mkdir -p archivage
docker pull "$HUB/cours/outil:1.2"
docker save -o interieur.tar "$HUB/cours/outil:1.2"
tar -czf archivage/outil-1.2_20261123.tar.gz interieur.tar
