mkdir -p poste reponses
cp fournitures/config-partagee.json poste/config.json
chmod u+w poste/config.json
DOCKER_CONFIG=$PWD/poste docker logout
