. "$SOLUTIONS/2.14.sh"
sed -i '/tronquee/s/"tronquee"/"alteree"/' reponses/2.14.json
