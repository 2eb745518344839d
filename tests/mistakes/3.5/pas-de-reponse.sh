docker run -d --name station -v releves:/releves "$HUB/cours/station:1"
until docker logs station | grep "en marche"; do sleep 0.2; done
docker export -o sans-donnees.tar station
docker exec station cp -a /releves /conteneur-donnees
docker export -o avec-donnees.tar station
