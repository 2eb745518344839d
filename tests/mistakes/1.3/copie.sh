docker pull "$HUB/voisin/outil:1.0"
docker tag "$HUB/voisin/outil:1.0" "$HUB/cours/outil:1.0"
docker run --network none --name etude-conteneur "$HUB/cours/outil:1.0" sh -c 'exit 7'
docker create --name etude-creee "$HUB/cours/outil:1.0"
