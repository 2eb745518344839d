. "$SOLUTIONS/3.12.sh"
tar -cf bouteille.tar racine
docker import --change 'CMD ["/bin/crieur", "/mer/message"]' bouteille.tar bouteille:1
