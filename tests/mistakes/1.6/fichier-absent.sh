. "$SOLUTIONS/1.6.sh"
rm recherche.txt
