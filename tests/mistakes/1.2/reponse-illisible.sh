mkdir -p reponses
echo '{réponse: oui}' >reponses/1.2.json
