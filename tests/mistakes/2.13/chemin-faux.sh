. "$SOLUTIONS/2.13.sh"
sed -i 's/"chemin": "[^"]*/"chemin": "\/etc\/emetteur\/cle/' reponses/2.13.json
