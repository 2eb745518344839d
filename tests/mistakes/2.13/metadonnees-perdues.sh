. "$SOLUTIONS/2.13.sh"
docker create --name photo "$HUB/cours/emetteur:1"
docker export photo | docker import - emetteur:2
docker save -o emetteur-propre.tar emetteur:2
