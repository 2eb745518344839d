mkdir -p poste reponses
cp fournitures/config-partagee.json poste/config.json
chmod u+w poste/config.json
DOCKER_CONFIG=$PWD/poste docker logout "$HUB"
compte=$(grep -A 1 '"registre.station.example"' poste/config.json | grep -o '"auth": "[^"]*"' |
    cut -d'"' -f4 | base64 -d)
echo "{\"ecriture\": \"Base64\", \"compte\": \"$compte\"}" >reponses/4.4.json
