. "$SOLUTIONS/3.12.sh"
rm bouteille.tar
tar -C racine -c . | docker import --change 'CMD ["/bin/crieur", "/mer/message"]' - bouteille:1
