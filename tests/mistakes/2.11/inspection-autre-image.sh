. "$SOLUTIONS/2.11.sh"
docker pull "$HUB/cours/outil"
docker image inspect "$HUB/cours/outil" >outil-1.2.inspect.json
