. "$SOLUTIONS/1.6.sh"
sed -i '/tags/s/false/"peut-être"/' reponses/1.6.json
