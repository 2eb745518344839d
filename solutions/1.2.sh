mkdir -p reponses

# Essayer chaque nom ; puis, s'il est refusé, chercher ce que la grammaire interdit.
juger() {
    if docker tag busybox "$1" 2>/dev/null; then
        docker rmi "$1" >/dev/null
        echo accepté
        return
    fi
    tag=${1##*:}
    case $1 in
    *:) echo 'tag vide' ;;
    *' '*) echo espace ;;
    *:*/*) echo barre ;;
    *) if [ "${#tag}" -gt 128 ]; then
        echo longueur
    elif [[ ${1%:*} =~ [A-Z] ]]; then
        echo majuscule
    else
        echo caractère
    fi ;;
    esac
}

{
    virgule=
    printf '{'
    while read -r numero nom; do
        printf '%s"%s": "%s"' "$virgule" "$numero" "$(juger "$nom")"
        virgule=$',\n'
    done <fournitures/noms.txt
    echo '}'
} >reponses/1.2.json
