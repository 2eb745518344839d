. "$SOLUTIONS/2.13.sh"
mv emetteur-propre.tar emetteur.tar
tar -cf emetteur-propre.tar emetteur.tar
