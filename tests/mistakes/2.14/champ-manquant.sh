. "$SOLUTIONS/2.14.sh"
sed -i 's/"trompeur": [^,}]*/"trompeur": ""/' reponses/2.14.json
