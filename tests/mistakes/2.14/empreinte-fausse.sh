. "$SOLUTIONS/2.14.sh"
sed -i "s/$empreinte/${empreinte:0:12}/" reponses/2.14.json
