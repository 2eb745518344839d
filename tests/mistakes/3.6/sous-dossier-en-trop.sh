docker run -d --name station -v releves:/releves "$HUB/cours/station:1"
until docker logs station | grep "en marche"; do sleep 0.2; done
docker run --rm -v releves:/releves:ro "$HUB/cours/station:1" tar -C / -czf - releves >donnees.tgz
docker run --rm -i -v donnees2:/d "$HUB/cours/station:1" tar -C /d -xzf - <donnees.tgz
docker create --name temoin -v donnees2:/releves "$HUB/cours/station:1"
