docker pull "$HUB/cours/outil:1.0"
docker tag "$HUB/cours/outil:1.0" etude-conteneur
