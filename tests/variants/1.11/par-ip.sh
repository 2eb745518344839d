# verdict : passed
. "$SOLUTIONS/1.11.sh"
sed -i 's/"compte_par": .*/"compte_par": "par IP publique",/' reponses/1.11.json
