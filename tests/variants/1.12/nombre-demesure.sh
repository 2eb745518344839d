# verdict : couches-fausses
. "$SOLUTIONS/1.12.sh"
sed -i "s/\"couches_loch\": .*/\"couches_loch\": 1$(printf '0%.0s' {1..300}),/" reponses/1.12.json
