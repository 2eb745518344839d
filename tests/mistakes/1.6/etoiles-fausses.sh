. "$SOLUTIONS/1.6.sh"
sed -i 's/"etoiles": [0-9]*/"etoiles": 20000/' reponses/1.6.json
