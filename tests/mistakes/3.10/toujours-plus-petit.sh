bash -e "$SOLUTIONS/3.10.sh"
sed -i 's/selon les couches/toujours/' reponses/3.10.json
