. "$SOLUTIONS/3.12.sh"
docker import bouteille.tar bouteille:1
