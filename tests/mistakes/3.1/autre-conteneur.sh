docker run -d --name carnet "$HUB/cours/socle:1" sleep 600
docker exec carnet mkdir /srv
docker cp fournitures/jeton.txt carnet:/srv/jeton
docker export -o instantane.tar carnet
