bash -e "$SOLUTIONS/3.4.sh"
sed -i 's/"commande_gardee": "fige"/"commande_gardee": "les deux"/' reponses/3.4.json
