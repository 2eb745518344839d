. "$SOLUTIONS/2.10.sh"
rm ../reponses/2.10.json
