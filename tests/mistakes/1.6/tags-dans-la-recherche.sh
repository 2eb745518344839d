. "$SOLUTIONS/1.6.sh"
sed -i '/tags/s/false/true/' reponses/1.6.json
