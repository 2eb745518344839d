bash -e "$SOLUTIONS/3.8.sh"
sed -i 's/"nature": "conteneur", "commande": "import"/"nature": "image", "commande": "load"/' reponses/3.8.json
