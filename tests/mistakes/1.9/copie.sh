. "$SOLUTIONS/1.9.sh"
docker load -i "$VOISIN/lanterne-2.0.tar"
