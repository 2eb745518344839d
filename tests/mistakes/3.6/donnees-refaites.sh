docker run -d --name station -v releves:/releves "$HUB/cours/station:1"
until docker logs station | grep "en marche"; do sleep 0.2; done
docker run --rm -v releves:/d:ro "$HUB/cours/station:1" tar -C /d -czf - . >donnees.tgz
sleep 2
docker run -d --name temoin -v donnees2:/releves "$HUB/cours/station:1"
until docker logs temoin | grep "en marche"; do sleep 0.2; done
