mkdir -p reponses

# La grammaire : [HÔTE[:PORT]/]CHEMIN[:TAG][@DIGEST], et ce que Docker ajoute.
decrire() {
    lettre=$1 reste=$2 hote=docker.io port=aucun tag=aucun digest=aucun
    case $reste in *@*) digest=${reste#*@} reste=${reste%@*} ;; esac
    premier=${reste%%/*}
    if [ "$premier" != "$reste" ]; then
        case $premier in
        localhost | *.* | *:*) hote=${premier%%:*} reste=${reste#*/}
            case $premier in *:*) port=${premier#*:} ;; esac ;;
        esac
    fi
    case ${reste##*/} in *:*) tag=${reste##*:} reste=${reste%:*} ;; esac
    case $hote/$reste in docker.io/*/*) ;; docker.io/*) reste=library/$reste ;; esac
    if [ "$tag$digest" = aucunaucun ]; then tag=latest; fi
    printf '"%s": {"hote": "%s", "port": "%s", "chemin": "%s", "tag": "%s", "digest": "%s"}' \
        "$lettre" "$hote" "$port" "$reste" "$tag" "$digest"
}

{
    virgule=
    echo '{'
    while read -r lettre reference; do
        printf '%s' "$virgule"
        decrire "$lettre" "$reference"
        virgule=$',\n'
    done <fournitures/references.txt
    echo '}'
} >reponses/1.1.json
