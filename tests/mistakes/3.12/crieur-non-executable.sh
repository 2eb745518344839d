. "$SOLUTIONS/3.12.sh"
chmod 444 racine/bin/crieur
tar -C racine -cf bouteille.tar .
docker import --change 'CMD ["/bin/crieur", "/mer/message"]' bouteille.tar bouteille:1
