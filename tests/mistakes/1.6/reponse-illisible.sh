mkdir -p reponses
echo '{réponse: oui}' >reponses/1.6.json
