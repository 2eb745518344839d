mkdir -p archivage
docker pull "$HUB/cours/outil:1.2"
docker create --name outil "$HUB/cours/outil:1.2"
docker export outil | gzip >archivage/outil-1.2_20261123.tar.gz
