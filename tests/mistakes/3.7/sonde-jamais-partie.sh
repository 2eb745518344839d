sh fournitures/scene-derive.sh
docker create --name neuve "$HUB/cours/derive:1"
docker export -o autopsie.tar neuve
