bash -e "$SOLUTIONS/3.8.sh"
menteuse=$(ls fournitures/caisse-*.gz | tr -cd 0-9)
sed -i "s/\"compressees\": .*/\"compressees\": [$menteuse]/" reponses/3.8.json
