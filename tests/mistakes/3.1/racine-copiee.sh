docker run -d --name carnet "$HUB/cours/carnet:1"
docker cp fournitures/jeton.txt carnet:/srv/jeton
docker cp carnet:/ - >instantane.tar
