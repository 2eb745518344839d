docker run --name derive "$HUB/voisin/derive:1"
docker export -o autopsie.tar derive
