bash -e "$SOLUTIONS/3.5.sh"
sed -i 's|"dossier": "/releves"|"dossier": "/conteneur-donnees"|' reponses/3.5.json
