mkdir -p reponses
echo "pat partout" >reponses/4.5.json
