. "$SOLUTIONS/1.10.sh"
sed -i 's|"taille": .*,|"taille": 40000000,|' reponses/1.10.json
