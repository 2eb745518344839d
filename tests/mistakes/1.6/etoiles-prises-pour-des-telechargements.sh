. "$SOLUTIONS/1.6.sh"
sed -i '/telechargements/s/false/true/' reponses/1.6.json
