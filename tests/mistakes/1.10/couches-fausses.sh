. "$SOLUTIONS/1.10.sh"
sed -i 's|"couches": .*,|"couches": 12,|' reponses/1.10.json
