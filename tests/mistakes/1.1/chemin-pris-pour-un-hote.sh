. "$SOLUTIONS/1.1.sh"
sed -i '/^"d"/s/"hote": "docker.io"/"hote": "boreale"/' reponses/1.1.json
