. "$SOLUTIONS/1.12.sh"
sed -i "s/\"communes\": .*,/\"communes\": 0,/" reponses/1.12.json
