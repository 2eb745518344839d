docker run -d --name carnet "$HUB/cours/carnet:1"
docker export -o instantane.tar carnet
docker cp fournitures/jeton.txt carnet:/srv/jeton
