mkdir -p reponses
echo '{réponse: oui}' >reponses/1.10.json
