# verdict : passed
docker run -d --name station -v releves:/releves "$HUB/cours/station:1"
until docker logs station | grep "en marche"; do sleep 0.2; done
# Sans tar : `docker cp` en écrit un, et en lit un.
docker cp station:/releves - | gzip >donnees.tgz
sleep 2
docker create --name temoin -v donnees2:/releves "$HUB/cours/station:1"
gzip -dc donnees.tgz | docker cp -a - temoin:/
