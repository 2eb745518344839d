sh fournitures/scene-derive.sh
docker export -o autopsie.tar derive
code=$(docker container inspect -f '{{.State.ExitCode}}' derive)
message=$(docker logs derive 2>&1 | tail -n 1)

# L'erreur fatale : dans le contenu des fichiers, pas dans leurs noms.
mkdir -p autopsie
tar -C autopsie -xf autopsie.tar var/log/derive
trouve=$(cd autopsie && grep -rn FATAL var/log/derive)

# Les fichiers ajoutés ou changés, sans les dossiers.
modifies=$(docker diff derive | grep '^[AC]' | cut -c 3- | while read -r chemin; do
    tar -tf autopsie.tar "${chemin#/}" 2>/dev/null | grep -v '/$' | grep -qx "${chemin#/}" && echo "\"$chemin\""
done | sort | paste -sd ,)
mkdir -p reponses
cat >reponses/3.7.json <<FIN
{
"code": $code,
"fichier": "/$(cut -d : -f 1 <<<"$trouve")",
"ligne": $(cut -d : -f 2 <<<"$trouve"),
"dernier_message": "$message",
"modifies": [$modifies]
}
FIN
