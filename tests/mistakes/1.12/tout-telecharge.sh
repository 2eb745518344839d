. "$SOLUTIONS/1.12.sh"
toutes=$(wc -l <loch.txt)
sed -i "s/\"a_telecharger\": .*/\"a_telecharger\": $toutes/" reponses/1.12.json
