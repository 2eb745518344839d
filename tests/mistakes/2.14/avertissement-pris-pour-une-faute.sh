. "$SOLUTIONS/2.14.sh"
sed -i '/annotee/s/"charger"/"refuser"/' reponses/2.14.json
