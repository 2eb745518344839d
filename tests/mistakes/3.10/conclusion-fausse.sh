bash -e "$SOLUTIONS/3.10.sh"
sed -i 's/"plus_petit": "pareil"/"plus_petit": "export"/' reponses/3.10.json
