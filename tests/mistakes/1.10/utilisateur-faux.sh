. "$SOLUTIONS/1.10.sh"
sed -i 's|"utilisateur": .*,|"utilisateur": "root",|' reponses/1.10.json
