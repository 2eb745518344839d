# verdict : passed
. "$SOLUTIONS/2.2.sh"
# Le fichier de configuration par son nom, la commande telle qu'on la tape, le fichier par son chemin.
sed -i -e 's/"sha256:\([0-9a-f]*\)"/"\1.json"/;s/manifest.json/mystere-a.tar\/manifest.json/' \
    -e 's/"commande": \["\(.*\)", "\(.*\)"\]/"commande": "\1 \2"/' reponses/2.2.json
