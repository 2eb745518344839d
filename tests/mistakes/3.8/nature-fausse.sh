bash -e "$SOLUTIONS/3.8.sh"
sed -i 's/"nature": "conteneur", "commande": "import"/"nature": "emballage", "commande": "extraire"/' reponses/3.8.json
