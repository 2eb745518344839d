docker run -d --name station -v releves:/releves "$HUB/cours/station:1"
until docker logs station | grep "en marche"; do sleep 0.2; done
docker run --rm -v releves:/d:ro "$HUB/cours/station:1" tar -C /d -czf - . >donnees.tgz
mkdir -p donnees2
tar -C donnees2 -xzf donnees.tgz
docker create --name temoin -v "$PWD/donnees2:/releves" "$HUB/cours/station:1"
