. "$SOLUTIONS/3.12.sh"
touch racine/mer/note
tar -C racine -cf bouteille.tar .
