docker pull "$HUB/cours/outil:1.2"
docker create --name outil "$HUB/cours/outil:1.2"
docker export outil | gzip >atlas.tar.gz
