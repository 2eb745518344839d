bash -e "$SOLUTIONS/3.10.sh"
rm reponses/3.10.json
