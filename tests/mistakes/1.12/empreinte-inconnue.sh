. "$SOLUTIONS/1.12.sh"
empreinte=$(sha256sum <loch.txt | cut -c -64)
sed -i "s/\"derniere_commune\": .*/\"derniere_commune\": \"sha256:$empreinte\",/" reponses/1.12.json
