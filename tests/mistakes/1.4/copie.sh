docker pull "$HUB/voisin/outil:1.2"
docker tag "$HUB/voisin/outil:1.2" "$HUB/cours/outil:1.2"
