# verdict : conclusion-fausse
. "$SOLUTIONS/2.10.sh"
sed -i 's/"gain_gzip": /"gain_gzip": 0./' ../reponses/2.10.json
