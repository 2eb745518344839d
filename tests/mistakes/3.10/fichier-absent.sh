docker pull "$HUB/cours/brouillon:1"
docker save -o brouillon.tar "$HUB/cours/brouillon:1"
