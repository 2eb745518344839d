. "$SOLUTIONS/1.1.sh"
sed -i '/^"c"/s/"tag": "aucun"/"tag": "latest"/' reponses/1.1.json
