. "$SOLUTIONS/1.12.sh"
sed -i "s/\"a_telecharger\": .*/\"a_telecharger\": 0/" reponses/1.12.json
