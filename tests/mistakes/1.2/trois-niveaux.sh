. "$SOLUTIONS/1.2.sh"
numero=$(grep -F 'outils/mer' fournitures/noms.txt | cut -d' ' -f1)
sed -i "s/\"$numero\": \"[^\"]*\"/\"$numero\": \"barre\"/" reponses/1.2.json
