sh fournitures/scene-derive.sh
docker export -o autopsie.tar derive
mkdir -p reponses
docker logs derive >reponses/3.7.json 2>&1
