. "$SOLUTIONS/1.2.sh"
numero=$(grep -F 'Carte:1' fournitures/noms.txt | cut -d' ' -f1)
sed -i "s/\"$numero\": \"[^\"]*\"/\"$numero\": \"interdit\"/" reponses/1.2.json
