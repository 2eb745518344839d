. "$SOLUTIONS/1.11.sh"
sed -i 's|"heures": .*,|"heures": "six",|' reponses/1.11.json
