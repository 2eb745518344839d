mkdir -p comparaison
docker pull "$HUB/cours/outil:1.2"
docker create --name outil "$HUB/cours/outil:1.2"
docker export outil >comparaison/atlas.tar
