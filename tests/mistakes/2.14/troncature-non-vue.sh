. "$SOLUTIONS/2.14.sh"
sed -i '/tronquee/s/"refuser"/"charger"/' reponses/2.14.json
