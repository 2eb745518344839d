. "$SOLUTIONS/1.11.sh"
sed -i 's|"heures": .*,|"heures": 1,|' reponses/1.11.json
