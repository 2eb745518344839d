. "$SOLUTIONS/2.13.sh"
docker tag "$HUB/cours/emetteur:1" emetteur:2
docker save -o emetteur-propre.tar emetteur:2
