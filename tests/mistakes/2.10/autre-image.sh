mkdir -p comparaison
docker pull "$HUB/cours/journal:1"
docker tag "$HUB/cours/journal:1" "$HUB/cours/atlas:1"
docker save "$HUB/cours/atlas:1" >comparaison/atlas.tar
