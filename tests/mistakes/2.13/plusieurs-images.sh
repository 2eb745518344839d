. "$SOLUTIONS/2.13.sh"
docker save -o emetteur-propre.tar emetteur:2 "$HUB/cours/emetteur:1"
