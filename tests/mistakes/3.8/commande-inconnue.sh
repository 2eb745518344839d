bash -e "$SOLUTIONS/3.8.sh"
sed -i 's/"commande": "import"/"commande": "unzip"/' reponses/3.8.json
