. "$SOLUTIONS/1.12.sh"
haute=$(tail -n 1 loch.txt)
sed -i "s/\"derniere_commune\": .*/\"derniere_commune\": \"$haute\",/" reponses/1.12.json
