. "$SOLUTIONS/1.12.sh"
sed -i '/"communes"/d' reponses/1.12.json
