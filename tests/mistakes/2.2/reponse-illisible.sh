mkdir -p reponses
echo '{a: ancienne}' >reponses/2.2.json
