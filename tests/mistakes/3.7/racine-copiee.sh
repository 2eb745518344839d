sh fournitures/scene-derive.sh
docker cp derive:/ - >autopsie.tar
