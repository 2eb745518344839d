. "$SOLUTIONS/2.11.sh"
docker create --name outil "$HUB/cours/outil:1.2"
docker inspect outil >outil-1.2.inspect.json
