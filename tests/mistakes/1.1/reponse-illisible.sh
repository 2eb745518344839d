mkdir -p reponses
echo '{réponse: oui}' >reponses/1.1.json
