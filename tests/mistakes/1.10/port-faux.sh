. "$SOLUTIONS/1.10.sh"
sed -i 's|"port": .*,|"port": 80,|' reponses/1.10.json
