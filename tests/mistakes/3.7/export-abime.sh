sh fournitures/scene-derive.sh
docker export derive | head -c 1000000 >autopsie.tar
