. "$SOLUTIONS/1.12.sh"
premiere=$(head -n 1 communes.txt)
sed -i "s/\"derniere_commune\": .*/\"derniere_commune\": \"$premiere\",/" reponses/1.12.json
