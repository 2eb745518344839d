. "$SOLUTIONS/3.12.sh"
mv racine/mer/message racine/message.txt
tar -C racine -cf bouteille.tar .
docker import --change 'CMD ["/bin/crieur", "/mer/message"]' bouteille.tar bouteille:1
