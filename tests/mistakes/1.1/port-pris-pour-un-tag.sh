. "$SOLUTIONS/1.1.sh"
sed -i '/^"b"/s/"port": "\([0-9]*\)", "chemin": "\([^"]*\)", "tag": "/"port": "aucun", "chemin": "\2", "tag": "\1\/\2:/' reponses/1.1.json
