. "$SOLUTIONS/2.13.sh"
docker tag emetteur:2 emetteur:propre
docker save -o emetteur-propre.tar emetteur:propre
