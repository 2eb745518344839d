docker pull "$HUB/cours/outil:1.0"
docker run --network none --name etude-conteneur "$HUB/cours/outil:1.0" sh -c 'exit 7'
docker run --network none --name etude-creee "$HUB/cours/outil:1.0"
