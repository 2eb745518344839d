bash -e "$SOLUTIONS/3.8.sh"
sed -i 's/"compressees": .*/"compressees": {"gz": 1}/' reponses/3.8.json
