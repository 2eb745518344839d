# verdict : trompeur-faux
. "$SOLUTIONS/2.14.sh"
sed -i "s/\"trompeur\": .*/\"trompeur\": \"$(printf '9%.0s' {1..5000})\",/" reponses/2.14.json
