docker run -d --name station -v releves:/releves "$HUB/cours/station:1"
until docker logs station | grep 'en marche'; do sleep 0.2; done
docker exec station find /releves -type f
docker export -o sans-donnees.tar station
tar -tf sans-donnees.tar | grep '^releves'
docker exec station cp -a /releves /conteneur-donnees
docker export -o avec-donnees.tar station
mkdir -p reponses
cat >reponses/3.5.json <<FIN
{
"dossier": "/releves",
"manquants": ["/releves/mesures.csv", "/releves/journal/evenements.txt"]
}
FIN
