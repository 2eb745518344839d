. "$SOLUTIONS/1.1.sh"
sed -i 's/"hote": "ghcr.io", //' reponses/1.1.json
