# verdict : reponse-illisible
mkdir -p reponses
printf '[%.0s' {1..100000} >reponses/1.1.json
