. "$SOLUTIONS/2.2.sh"
sed -i '/^"a"/,/^}/s/"couches": [0-9]*/"couches": 1/' reponses/2.2.json
