bash -e "$SOLUTIONS/3.7.sh"
sed -i 's/"modifies": .*/"modifies": 6/' reponses/3.7.json
