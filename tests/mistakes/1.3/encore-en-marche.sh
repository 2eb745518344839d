docker pull "$HUB/cours/outil:1.0"
docker run -d --network none --name etude-conteneur "$HUB/cours/outil:1.0" sleep 600
docker create --name etude-creee "$HUB/cours/outil:1.0"
