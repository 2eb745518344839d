mkdir -p poste reponses
cp fournitures/config-partagee.json poste/config.json
chmod u+w poste/config.json
: >poste/config.json
