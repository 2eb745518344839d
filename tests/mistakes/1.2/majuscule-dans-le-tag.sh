. "$SOLUTIONS/1.2.sh"
numero=$(grep -F ':V1' fournitures/noms.txt | cut -d' ' -f1)
sed -i "s/\"$numero\": \"[^\"]*\"/\"$numero\": \"majuscule\"/" reponses/1.2.json
