docker run -d --name quart "$HUB/cours/carnet:1"
docker commit -m "$(cat fournitures/jeton.txt)" quart quart:fige
docker export -o quart.tar quart
docker import quart.tar quart:aplati
