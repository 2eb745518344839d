docker run -d --name base "$HUB/cours/socle:1" sleep 3600
docker cp fournitures/sextant base:/usr/local/bin/sextant
docker exec base chmod 755 /usr/local/bin/sextant
docker export -o ma-base.tar base
mkdir -p contexte
cp fournitures/sextant contexte/
printf "FROM $HUB/cours/socle:1\nCOPY sextant /usr/local/bin/sextant\nCMD [\"sextant\"]\n" >contexte/Dockerfile
DOCKER_BUILDKIT=0 docker build -t ma-base:1.0 contexte
