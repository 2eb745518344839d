docker run -d --name base "$HUB/cours/station:1" sleep 3600
docker cp fournitures/sextant base:/usr/bin/sextant
docker exec base chmod 755 /usr/bin/sextant
docker export -o ma-base.tar base
docker import --change 'CMD ["sextant"]' ma-base.tar ma-base:1.0
