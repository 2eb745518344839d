. "$SOLUTIONS/2.14.sh"
sed -i '/intacte/s/"charger"/"refuser"/' reponses/2.14.json
