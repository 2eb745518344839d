. "$SOLUTIONS/2.14.sh"
sed -i '/tronquee/s/"refuser"/"peut-etre"/' reponses/2.14.json
