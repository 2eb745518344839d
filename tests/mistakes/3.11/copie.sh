docker load -i "$VOISIN/relais-v1.tar"
docker tag relais:1 relais:2
