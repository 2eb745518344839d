for compte in nansen amundsen; do
    openssl rand -hex 12 | atelier hub compte creer "$compte"
done
atelier hub organisation creer boreale --proprietaire pytheas
atelier hub depot creer pytheas/glaces --prive
for equipe in lecteurs redacteurs; do
    atelier hub equipe creer boreale "$equipe"
done
atelier hub equipe ajouter boreale lecteurs nansen
atelier hub equipe ajouter boreale redacteurs amundsen
atelier hub equipe droit boreale lecteurs pytheas/glaces read
atelier hub equipe droit boreale redacteurs pytheas/glaces write
docker tag "$HUB/cours/journal-interne:1" "$HUB/pytheas/glaces:1"
docker push "$HUB/pytheas/glaces:1"
mkdir -p reponses
echo '{"organisation": "pytheas", "lecteur": "nansen", "redacteur": "amundsen"}' >reponses/4.15.json
