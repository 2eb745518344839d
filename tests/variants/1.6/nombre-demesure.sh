# verdict : etoiles-fausses
. "$SOLUTIONS/1.6.sh"
sed -i "s/\"etoiles\": .*/\"etoiles\": 1$(printf '0%.0s' {1..400}),/" reponses/1.6.json
