. "$SOLUTIONS/1.6.sh"
sed -i '/faille/s/false/"oui"/' reponses/1.6.json
