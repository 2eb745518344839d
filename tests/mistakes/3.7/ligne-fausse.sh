bash -e "$SOLUTIONS/3.7.sh"
sed -i 's/"ligne": .*/"ligne": 1,/' reponses/3.7.json
