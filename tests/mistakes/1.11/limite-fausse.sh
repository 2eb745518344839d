. "$SOLUTIONS/1.11.sh"
sed -i 's|"limite": .*,|"limite": 21600,|' reponses/1.11.json
