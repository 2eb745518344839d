. "$SOLUTIONS/2.13.sh"
rm emetteur-propre.tar
