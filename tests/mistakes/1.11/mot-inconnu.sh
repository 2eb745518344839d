. "$SOLUTIONS/1.11.sh"
sed -i 's|"compte_par": .*,|"compte_par": "salle",|' reponses/1.11.json
