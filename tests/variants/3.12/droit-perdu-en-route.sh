# verdict : crieur-non-executable
. "$SOLUTIONS/3.12.sh"
tar -C racine --mode=a-x -cf bouteille.tar .
docker import --change 'CMD ["/bin/crieur", "/mer/message"]' bouteille.tar bouteille:1
