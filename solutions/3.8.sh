# Chaque caisse, d'après ce qu'elle contient.
mkdir -p reponses
compressees=()
{
    echo '{'
    for caisse in fournitures/caisse-*; do
        numero=${caisse#fournitures/caisse-}
        numero=${numero%%.*}
        liste=$(tar -tf "$caisse" 2>/dev/null) && entiere=oui || entiere=non
        if [ $entiere = non ]; then
            reponse='"tronquee", "commande": "redemander"'
        elif grep -q '^manifest.json$' <<<"$liste"; then
            reponse='"image", "commande": "load"'
        elif grep -q '^oci-layout$' <<<"$liste"; then
            reponse='"image-oci", "commande": "convertir"'
        elif grep -q '^etc/' <<<"$liste"; then
            reponse='"conteneur", "commande": "import"'
        else
            reponse='"emballage", "commande": "extraire"'
        fi
        echo "\"caisse_$numero\": {\"nature\": $reponse},"
        if [ "$(head -c 2 "$caisse" | od -An -tx1)" = ' 1f 8b' ]; then
            compressees+=("$numero")
        fi
    done
    echo "\"compressees\": [${compressees[*]}]"
    echo '}'
} >reponses/3.8.json
