. "$SOLUTIONS/1.12.sh"
sed -i "s/\"communes\": .*,/\"communes\": 17,/" reponses/1.12.json
