bash -e "$SOLUTIONS/3.4.sh"
sed -i 's/"couches_aplati": 1/"couches_aplati": "une seule"/' reponses/3.4.json
