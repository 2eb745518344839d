. "$SOLUTIONS/1.2.sh"
numero=$(grep -F 'ma__carte' fournitures/noms.txt | cut -d' ' -f1)
sed -i "s/\"$numero\": \"[^\"]*\"/\"$numero\": \"caractère\"/" reponses/1.2.json
