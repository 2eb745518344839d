# verdict : champ-manquant
. "$SOLUTIONS/2.14.sh"
sed -i 's/"empreinte": "[^"]*/"empreinte": "  /' reponses/2.14.json
