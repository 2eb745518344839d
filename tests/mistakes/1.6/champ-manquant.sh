. "$SOLUTIONS/1.6.sh"
sed -i '/"etoiles"/d' reponses/1.6.json
