. "$SOLUTIONS/1.11.sh"
sed -i 's|"connecte": .*|"connecte": 100|' reponses/1.11.json
