. "$SOLUTIONS/2.13.sh"
docker pull "$HUB/voisin/emetteur:1"
docker save -o emetteur-propre.tar "$HUB/voisin/emetteur:1"
