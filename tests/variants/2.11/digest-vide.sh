# verdict : fichier-vide
. "$SOLUTIONS/2.11.sh"
: >config.txt
