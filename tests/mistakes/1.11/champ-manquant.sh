. "$SOLUTIONS/1.11.sh"
sed -i '/"heures"/d' reponses/1.11.json
