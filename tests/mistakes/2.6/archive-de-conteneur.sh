docker pull "$HUB/cours/outil:1.2"
docker create --name outil "$HUB/cours/outil:1.2"
docker export outil | gzip >lot-v1.tar.gz
