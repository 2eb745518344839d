. "$SOLUTIONS/2.13.sh"
cp reponses/2.13.json emetteur-propre.tar
