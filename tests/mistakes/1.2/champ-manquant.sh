. "$SOLUTIONS/1.2.sh"
sed -i '/"n3"/d' reponses/1.2.json
