mkdir -p poste reponses
cp fournitures/config-partagee.json poste/config.json
chmod u+w poste/config.json
docker logout "$HUB" # sans DOCKER_CONFIG : c'est une autre configuration
