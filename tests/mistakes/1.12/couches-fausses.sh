. "$SOLUTIONS/1.12.sh"
sed -i "s/\"couches_sondeur\": .*,/\"couches_sondeur\": 42,/" reponses/1.12.json
