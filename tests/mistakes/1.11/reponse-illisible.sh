mkdir -p reponses
echo '{réponse: oui}' >reponses/1.11.json
