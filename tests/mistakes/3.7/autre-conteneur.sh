sh fournitures/scene-derive.sh
docker create --name autre "$HUB/cours/socle:1"
docker export -o autopsie.tar autre
