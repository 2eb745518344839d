. "$SOLUTIONS/1.8.sh"
docker pull "$HUB/voisin/maree:1"
docker tag "$HUB/voisin/maree:1" maree:avant
