. "$SOLUTIONS/1.10.sh"
sed -i 's|"couches": .*,|"couches": "plusieurs",|' reponses/1.10.json
