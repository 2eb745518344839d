. "$SOLUTIONS/2.14.sh"
sed -i '/resauvegardee/s/"charger"/"refuser"/' reponses/2.14.json
