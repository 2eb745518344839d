docker run -d --name base "$HUB/cours/socle:1" sleep 3600
docker exec base mkdir -p /opt
docker cp fournitures/sextant base:/opt/sextant
docker exec base chmod 755 /opt/sextant
docker export -o ma-base.tar base
docker import --change 'CMD ["sextant"]' ma-base.tar ma-base:1.0
