bash -e "$SOLUTIONS/3.10.sh"
sed -i 's/selon les couches/peut-être/' reponses/3.10.json
