. "$SOLUTIONS/2.14.sh"
altere=$(grep alteree reponses/2.14.json | grep -o '[1-6]' | head -n 1)
sed -i "s/\"trompeur\": [0-9]/\"trompeur\": $altere/" reponses/2.14.json
