. "$SOLUTIONS/1.6.sh"
sed -i '/garantie/s/false/true/' reponses/1.6.json
