docker pull "$HUB/cours/outil:1.0"
docker run --network none --name etude-conteneur "$HUB/cours/outil:1.0" exit 7
docker create --name etude-creee "$HUB/cours/outil:1.0"
