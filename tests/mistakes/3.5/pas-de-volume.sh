docker run -d --name station "$HUB/cours/station:1" sh -c "mkdir /releves; station"
until docker logs station | grep "en marche"; do sleep 0.2; done
docker export -o sans-donnees.tar station
