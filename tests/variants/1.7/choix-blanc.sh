# verdict : champ-manquant
. "$SOLUTIONS/1.7.sh"
sed -i 's|"choix": .*|"choix": " "|' reponses/1.7.json
