mkdir -p reponses
file fournitures/caisse-* >reponses/3.8.json
