sh fournitures/scene-derive.sh
docker export deriv >autopsie.tar
