sh fournitures/scene-derive.sh
docker save -o autopsie.tar "$HUB/cours/derive:1"
