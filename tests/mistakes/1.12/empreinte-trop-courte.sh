. "$SOLUTIONS/1.12.sh"
courte=$(tail -n 1 communes.txt | cut -c 8-15)
sed -i "s/\"derniere_commune\": .*/\"derniere_commune\": \"$courte\",/" reponses/1.12.json
