docker search "$HUB/busybox" >recherche.txt
mkdir -p reponses
ligne=$(sed -n 's/^Ligne à lire : //p' fournitures/capture-recherche.txt)
etoiles=$(awk -v nom="$ligne" '$1 == nom { print ($NF == "[OK]") ? $(NF - 1) : $NF }' fournitures/capture-recherche.txt)
cat >reponses/1.6.json <<FIN
{
    "officielle": "busybox",
    "etoiles": $etoiles,
    "montre_les_telechargements": false,
    "montre_les_tags": false,
    "officielle_veut_dire_sans_faille": false,
    "description_est_une_garantie": false
}
FIN
