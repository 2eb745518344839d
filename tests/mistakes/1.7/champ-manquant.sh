. "$SOLUTIONS/1.7.sh"
sed -i '/"f4"/d' reponses/1.7.json
