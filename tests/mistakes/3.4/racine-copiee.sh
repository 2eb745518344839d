docker run -d --name quart -v quart-donnees:/donnees "$HUB/cours/carnet:1"
docker exec quart sh -c 'echo "04 h : ours en vue" >/srv/observation.txt'
docker cp fournitures/jeton.txt quart:/donnees/jeton.txt
docker commit -m "$(cat fournitures/jeton.txt)" quart quart:fige
docker export -o quart.tar quart
docker import quart.tar quart:aplati
docker cp quart:/ - >quart.tar
