. "$SOLUTIONS/2.2.sh"
sed -i 's/manifest.json/repositories/' reponses/2.2.json
