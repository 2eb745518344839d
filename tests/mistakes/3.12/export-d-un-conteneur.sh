. "$SOLUTIONS/3.12.sh"
docker create --name modele bouteille:1
docker export -o bouteille.tar modele
docker import --change 'CMD ["/bin/crieur", "/mer/message"]' bouteille.tar bouteille:1
