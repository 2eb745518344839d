. "$SOLUTIONS/1.1.sh"
sed -i 's/registre.example.com/example.com/' reponses/1.1.json
