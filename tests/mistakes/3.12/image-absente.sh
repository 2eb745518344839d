. "$SOLUTIONS/3.12.sh"
docker rmi bouteille:1
docker load -i bouteille.tar
