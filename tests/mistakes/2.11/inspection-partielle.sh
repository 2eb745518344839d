. "$SOLUTIONS/2.11.sh"
docker image inspect -f '{{json .Config}}' "$HUB/cours/outil:1.2" >outil-1.2.inspect.json
