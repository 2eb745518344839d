. "$SOLUTIONS/1.1.sh"
sed -i '/^"c"/s/"tag": "aucun", "digest": "\(.*\)"/"tag": "\1", "digest": "aucun"/' reponses/1.1.json
