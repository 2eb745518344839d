. "$SOLUTIONS/1.2.sh"
numero=$(grep -F '+correctif' fournitures/noms.txt | cut -d' ' -f1)
sed -i "s/\"$numero\": \"[^\"]*\"/\"$numero\": \"accepté\"/" reponses/1.2.json
