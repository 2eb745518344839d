. "$SOLUTIONS/1.11.sh"
sed -i 's|"heures": .*,|"heures": "une demi-journée",|' reponses/1.11.json
