docker pull "$HUB/cours/outil:1.2"
docker create --name outil "$HUB/cours/outil:1.2"
docker export outil >outil-1.2.tar
