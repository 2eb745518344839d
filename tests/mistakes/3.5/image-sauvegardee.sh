docker pull "$HUB/cours/station:1"
docker save -o sans-donnees.tar "$HUB/cours/station:1"
