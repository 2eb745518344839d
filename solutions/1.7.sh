mkdir -p reponses

# L'espace de noms et le badge décident, rien d'autre.
{
    echo '{'
    while read -r fiche; do
        badge=$(grep -A 2 "\"$fiche\"" fournitures/fiches.json | sed -n 's/.*"badge": "\(.*\)",/\1/p')
        case $badge in
        'Docker Official Image') classe=officielle ;;
        'Verified Publisher') classe='éditeur vérifié' ;;
        'Sponsored OSS') classe='open source parrainé' ;;
        *) classe=communautaire ;;
        esac
        echo "\"$fiche\": \"$classe\","
    done < <(grep -o '"f[1-8]"' fournitures/fiches.json | tr -d '"')
    echo '"choix": "nginx"'
    echo '}'
} >reponses/1.7.json
