mkdir -p reponses
echo '{"compte": "pytheas"}' >reponses/4.3.json
