# verdict : donnees-toujours-absentes
# dit : `avec-donnees.tar` ne contient toujours pas `mesures.csv`.
docker run -d --name station -v releves:/releves "$HUB/cours/station:1"
until docker logs station | grep "en marche"; do sleep 0.2; done
docker export -o sans-donnees.tar station
mkdir -p reponses
echo '{"dossier": "/releves", "manquants": ["/releves/mesures.csv", "/releves/journal/evenements.txt"]}' >reponses/3.5.json
docker create --name nouvelle "$HUB/cours/station:1"
docker export -o avec-donnees.tar nouvelle
