docker run -d --name base "$HUB/cours/socle:1"
sleep 1
docker exec base sh -c 'cat >/usr/local/bin/sextant' <fournitures/sextant
docker export -o ma-base.tar base
docker import --change 'CMD ["sextant"]' ma-base.tar ma-base:1.0
