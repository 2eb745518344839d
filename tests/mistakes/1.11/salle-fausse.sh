. "$SOLUTIONS/1.11.sh"
sed -i 's|"postes_servis": .*,|"postes_servis": 30,|' reponses/1.11.json
