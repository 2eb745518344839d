sh fournitures/scene-derive.sh
docker start -a derive
docker export -o autopsie.tar derive
