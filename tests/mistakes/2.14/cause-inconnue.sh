. "$SOLUTIONS/2.14.sh"
sed -i '/"tronquee"/s/"tronquee"/"cassee"/' reponses/2.14.json
