. "$SOLUTIONS/4.3.sh"
echo '{"compte": "Pythéas"}' >reponses/4.3.json
