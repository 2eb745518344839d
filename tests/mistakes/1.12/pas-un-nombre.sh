. "$SOLUTIONS/1.12.sh"
sed -i "s/\"communes\": .*,/\"communes\": \"presque toutes\",/" reponses/1.12.json
