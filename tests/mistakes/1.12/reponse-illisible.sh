mkdir -p reponses
echo '{réponse: oui}' >reponses/1.12.json
