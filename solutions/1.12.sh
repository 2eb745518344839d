mkdir -p reponses
couches() { docker image inspect --format '{{range .RootFS.Layers}}{{println .}}{{end}}' "$1" | grep sha256; }
docker pull "$HUB/cours/sondeur:1"
# Le moteur a déjà la première : il dit, couche par couche, ce qu'il lui reste à télécharger.
docker pull "$HUB/cours/loch:1"
couches "$HUB/cours/sondeur:1" >sondeur.txt
couches "$HUB/cours/loch:1" >loch.txt
grep -Fxf sondeur.txt loch.txt >communes.txt
cat >reponses/1.12.json <<FIN
{
    "couches_sondeur": $(wc -l <sondeur.txt),
    "couches_loch": $(wc -l <loch.txt),
    "communes": $(wc -l <communes.txt),
    "derniere_commune": "$(tail -n 1 communes.txt)",
    "sur_disque": $(sort -u sondeur.txt loch.txt | wc -l),
    "a_telecharger": $(grep -cvFxf sondeur.txt loch.txt)
}
FIN
