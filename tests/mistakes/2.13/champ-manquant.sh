. "$SOLUTIONS/2.13.sh"
sed -i 's/"cle": [^,}]*/"cle": ""/' reponses/2.13.json
