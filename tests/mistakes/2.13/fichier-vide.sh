. "$SOLUTIONS/2.13.sh"
docker save emetteur:propre >emetteur-propre.tar
