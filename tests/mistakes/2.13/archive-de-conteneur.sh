. "$SOLUTIONS/2.13.sh"
docker create --name photo emetteur:2
docker export -o emetteur-propre.tar photo
