# Chaque colis, de l'extérieur vers l'intérieur : le fichier, la configuration, les fichiers nommés.
mkdir -p reponses
{
    echo '{'
    for numero in 1 2 3 4 5 6; do
        colis=fournitures/colis-$numero.tar
        attendue=$(grep "^colis-$numero  config" fournitures/bordereau.txt | grep -o '[0-9a-f]\{64\}')
        fouille=$(mktemp -d)
        if sha256sum <"$colis" | cut -d' ' -f1 | grep -qf - fournitures/bordereau.txt; then
            verdict=charger cause=intacte
        elif ! tar -xf "$colis" -C "$fouille" 2>/dev/null; then
            verdict=refuser cause=tronquee
        else
            config=$(cut -d'"' -f4 "$fouille/manifest.json")
            reelle=$(sha256sum <"$fouille/$config" | cut -d' ' -f1)
            verdict=charger cause=resauvegardee
            if [ "$reelle" != "$attendue" ]; then
                verdict=refuser cause=remplacee trompeur=$numero
            elif [ -e "$fouille/LISEZMOI.txt" ]; then
                cause=annotee
            fi
            for fichier in "$fouille"/blobs/sha256/*; do
                [ -e "$fichier" ] || continue
                somme=$(sha256sum <"$fichier" | cut -d' ' -f1)
                if [ "$somme" != "${fichier##*/}" ]; then
                    verdict=refuser cause=alteree empreinte=$somme
                fi
            done
        fi
        rm -r "$fouille"
        echo "\"colis_$numero\": {\"verdict\": \"$verdict\", \"cause\": \"$cause\"},"
    done
    echo "\"trompeur\": $trompeur,"
    echo "\"empreinte\": \"$empreinte\""
    echo '}'
} >reponses/2.14.json
