echo "Bonjour" >bouteille.tar
