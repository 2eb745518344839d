mkdir -p reponses
echo '{réponse: oui}' >reponses/1.7.json
