docker run -d --name station -v releves:/releves "$HUB/cours/station:1"
until docker logs station | grep "en marche"; do sleep 0.2; done
docker run --rm -v releves:/d:ro "$HUB/cours/station:1" tar -C /d -czf - . >donnees.tgz
docker run --rm -i -v donnees2:/d "$HUB/cours/station:1" sh -c 'mkdir /t && tar -C /t -xzf - && cp -r /t/. /d && chmod 640 /d/mesures.csv /d/journal/*' <donnees.tgz
docker create --name temoin -v donnees2:/releves "$HUB/cours/station:1"
