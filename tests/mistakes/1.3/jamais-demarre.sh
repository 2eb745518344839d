docker pull "$HUB/cours/outil:1.0"
docker create --name etude-conteneur "$HUB/cours/outil:1.0" sh -c "exit 7"
docker create --name etude-creee "$HUB/cours/outil:1.0"
