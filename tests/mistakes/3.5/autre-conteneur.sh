docker run -d --name station -v releves:/releves "$HUB/cours/socle:1" sleep 600
docker export -o sans-donnees.tar station
