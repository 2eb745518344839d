docker run -d --name base "$HUB/cours/socle:1" sleep 3600
docker cp fournitures/sextant base:/usr/local/bin/sextant
docker exec base chmod 755 /usr/local/bin/sextant
docker cp base:/ - >ma-base.tar
