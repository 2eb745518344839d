docker run -d --name quart "$HUB/cours/socle:1" sleep 600
docker exec quart sh -c 'echo vu >/observation.txt'
docker commit -m "$(cat fournitures/jeton.txt)" quart quart:fige
docker export -o quart.tar quart
docker import quart.tar quart:aplati
