bash -e "$SOLUTIONS/3.8.sh"
sed -i 's/"nature": "conteneur", "commande": "import"/"nature": "conteneur", "commande": "load"/' reponses/3.8.json
