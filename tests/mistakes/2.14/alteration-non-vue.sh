. "$SOLUTIONS/2.14.sh"
sed -i '/alteree/s/"refuser"/"charger"/' reponses/2.14.json
