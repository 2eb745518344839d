. "$SOLUTIONS/3.12.sh"
docker save -o bouteille.tar bouteille:1
docker import --change 'CMD ["/bin/crieur", "/mer/message"]' bouteille.tar bouteille:1
