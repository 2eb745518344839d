# verdict : empreinte-de-l-image
. "$SOLUTIONS/1.12.sh"
digest=$(docker image inspect --format '{{index .RepoDigests 0}}' "$HUB/cours/sondeur:1" | cut -d @ -f 2)
sed -i "s/\"derniere_commune\": .*/\"derniere_commune\": \"$digest\",/" reponses/1.12.json
