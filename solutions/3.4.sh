# La scène, quand la cellule du notebook ne l'a pas déjà jouée.
if ! docker container inspect quart >/dev/null 2>&1; then
    docker run -d --name quart -v quart-donnees:/donnees "$HUB/cours/carnet:1"
    docker exec quart sh -c 'echo "04 h : ours en vue" >/srv/observation.txt'
    docker cp fournitures/jeton.txt quart:/donnees/jeton.txt
fi

docker commit -m "$(cat fournitures/jeton.txt)" quart quart:fige
docker export -o quart.tar quart
docker import quart.tar quart:aplati
couches() { docker image inspect -f '{{len .RootFS.Layers}}' "$1"; }
mkdir -p reponses
cat >reponses/3.4.json <<FIN
{
"couches_fige": $(couches quart:fige),
"couches_aplati": $(couches quart:aplati),
"commande_gardee": "fige",
"donnees_du_volume": "aucune"
}
FIN
