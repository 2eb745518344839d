. "$SOLUTIONS/1.11.sh"
restants=$(grep -m 1 '^ratelimit-remaining' fournitures/limites.txt | grep -o ' [0-9]*' | tr -d ' ')
sed -i "s/\"limite\": .*/\"limite\": $restants,/" reponses/1.11.json
