docker pull "$HUB/cours/atlas:1"
docker save -o interieur.tar "$HUB/cours/atlas:1"
tar -czf atlas.tar.gz interieur.tar
