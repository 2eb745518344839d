# verdict : donnees-refaites
docker run -d --name station -v releves:/releves "$HUB/cours/station:1"
until docker logs station | grep "en marche"; do sleep 0.2; done
docker run --rm -v releves:/d:ro "$HUB/cours/station:1" tar -C /d -czf - . >donnees.tgz
sleep 2
# Une station de passage écrit dans le volume, et le témoin ne démarre jamais.
docker run -d --name passage -v donnees2:/releves "$HUB/cours/station:1"
until docker logs passage | grep "en marche"; do sleep 0.2; done
docker rm -f passage
docker create --name temoin -v donnees2:/releves "$HUB/cours/station:1"
