. "$SOLUTIONS/1.12.sh"
sed -i "s/\"derniere_commune\": .*/\"derniere_commune\": \"COPY cadran.conf\",/" reponses/1.12.json
