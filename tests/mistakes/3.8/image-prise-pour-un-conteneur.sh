bash -e "$SOLUTIONS/3.8.sh"
sed -i 's/"nature": "image", "commande": "load"/"nature": "conteneur", "commande": "import"/' reponses/3.8.json
