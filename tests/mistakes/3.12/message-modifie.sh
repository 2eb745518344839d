. "$SOLUTIONS/3.12.sh"
echo "Tout va bien." >racine/mer/message
tar -C racine -cf bouteille.tar .
docker import --change 'CMD ["/bin/crieur", "/mer/message"]' bouteille.tar bouteille:1
