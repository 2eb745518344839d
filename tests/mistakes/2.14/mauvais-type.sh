. "$SOLUTIONS/2.14.sh"
sed -i 's/"trompeur": [^,}]*/"trompeur": [1, 2]/' reponses/2.14.json
