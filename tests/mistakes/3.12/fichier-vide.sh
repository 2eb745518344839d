tar -C racine -c . >bouteille.tar
