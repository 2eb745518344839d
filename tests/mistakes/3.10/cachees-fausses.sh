bash -e "$SOLUTIONS/3.10.sh"
sed -i 's/"octets_caches": [0-9]*/"octets_caches": 300000/' reponses/3.10.json
