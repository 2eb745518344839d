docker run -d --name carnet "$HUB/cours/carnet:1"
docker cp fournitures/jeton.txt carnet:/srv/jeton
docker commit carnet carnet:photo
docker save -o instantane.tar carnet:photo
