bash -e "$SOLUTIONS/3.8.sh"
sed -i 's/"nature": "tronquee", "commande": "redemander"/"nature": "image", "commande": "load"/' reponses/3.8.json
