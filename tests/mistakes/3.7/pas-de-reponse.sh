sh fournitures/scene-derive.sh
docker export -o autopsie.tar derive
