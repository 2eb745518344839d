. "$SOLUTIONS/2.13.sh"
contexte=$(mktemp -d)
printf "FROM $HUB/cours/emetteur:1 AS fautive\nFROM emetteur:2\nCOPY --from=fautive / /copie/\n" >"$contexte/Dockerfile"
docker build -t emetteur:2 "$contexte"
rm -r "$contexte"
docker save -o emetteur-propre.tar emetteur:2
