docker run -d --name base "$HUB/cours/socle:1" sleep 3600
docker cp fournitures/sextant base:/usr/local/bin/sextant
docker exec base chmod 755 /usr/local/bin/sextant
docker export -o ma-base.tar base
mkdir -p contexte
cp ma-base.tar contexte/
printf 'FROM scratch\nADD ma-base.tar /\nCMD ["sextant"]\n' >contexte/Dockerfile
DOCKER_BUILDKIT=0 docker build -t ma-base:1.0 contexte
