. "$SOLUTIONS/1.12.sh"
sed -i "s/\"sur_disque\": .*,/\"sur_disque\": 1,/" reponses/1.12.json
