. "$SOLUTIONS/1.10.sh"
lignes=$(docker history -q "$image" | wc -l)
sed -i "s/\"couches\": .*/\"couches\": $lignes,/" reponses/1.10.json
