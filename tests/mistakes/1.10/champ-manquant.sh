. "$SOLUTIONS/1.10.sh"
sed -i '/"port"/d' reponses/1.10.json
