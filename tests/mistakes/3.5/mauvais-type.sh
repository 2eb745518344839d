bash -e "$SOLUTIONS/3.5.sh"
sed -i 's|"dossier": "/releves"|"dossier": ["/releves"]|' reponses/3.5.json
