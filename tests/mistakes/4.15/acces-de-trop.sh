JETON_HUB=$(cat .jeton) bash connexion.sh
for compte in nansen amundsen sverdrup; do
    openssl rand -hex 12 | atelier hub compte creer "$compte"
done
atelier hub organisation creer boreale --proprietaire pytheas
atelier hub depot creer boreale/glaces --prive
for equipe in lecteurs redacteurs; do
    atelier hub equipe creer boreale "$equipe"
done
atelier hub equipe ajouter boreale lecteurs nansen
atelier hub equipe ajouter boreale redacteurs amundsen
atelier hub equipe droit boreale lecteurs boreale/glaces read
atelier hub equipe droit boreale redacteurs boreale/glaces write
# Une troisième équipe, de passage, et qui peut tout.
atelier hub equipe creer boreale visiteurs
atelier hub equipe ajouter boreale visiteurs sverdrup
atelier hub equipe droit boreale visiteurs boreale/glaces admin
docker tag "$HUB/cours/journal-interne:1" "$HUB/boreale/glaces:1"
docker push "$HUB/boreale/glaces:1"
mkdir -p reponses
echo '{"organisation": "boreale", "lecteur": "nansen", "redacteur": "amundsen"}' >reponses/4.15.json
