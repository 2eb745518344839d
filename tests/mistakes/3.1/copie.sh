docker run -d --name carnet "$HUB/cours/carnet:1"
docker cp "$VOISIN/jeton.txt" carnet:/srv/jeton
docker export -o instantane.tar carnet
