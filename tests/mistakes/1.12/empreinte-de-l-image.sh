. "$SOLUTIONS/1.12.sh"
identifiant=$(docker image inspect --format '{{.Id}}' "$HUB/cours/loch:1")
sed -i "s/\"derniere_commune\": .*/\"derniere_commune\": \"$identifiant\",/" reponses/1.12.json
