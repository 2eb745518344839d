mkdir -p poste reponses
cp fournitures/config-partagee.json poste/config.json
chmod u+w poste/config.json
for hote in "$HUB" registre.station.example; do DOCKER_CONFIG=$PWD/poste docker logout "$hote"; done
