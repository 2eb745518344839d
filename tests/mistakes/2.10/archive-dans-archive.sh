mkdir -p comparaison
docker pull "$HUB/cours/atlas:1"
docker save -o interieur.tar "$HUB/cours/atlas:1"
tar -cf comparaison/atlas.tar interieur.tar
