. "$SOLUTIONS/2.13.sh"
sed -i 's/"cle": [^,}]*/"cle": [1, 2]/' reponses/2.13.json
