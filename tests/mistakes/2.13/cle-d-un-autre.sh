. "$SOLUTIONS/2.13.sh"
sed -i "s/\"cle\": \"[^\"]*/\"cle\": \"cle-0badcafe-0123456789ab/" reponses/2.13.json
