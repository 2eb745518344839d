sh fournitures/scene-derive.sh
docker cp derive:/var/log - >autopsie.tar
