. "$SOLUTIONS/3.12.sh"
rm racine/bin/crieur
tar -C racine -cf bouteille.tar .
docker import --change 'CMD ["/bin/crieur", "/mer/message"]' bouteille.tar bouteille:1
