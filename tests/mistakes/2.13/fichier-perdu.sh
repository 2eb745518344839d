. "$SOLUTIONS/2.13.sh"
contexte=$(mktemp -d)
printf "FROM emetteur:2\nRUN rm /etc/emetteur/canal\n" >"$contexte/Dockerfile"
docker build -t emetteur:2 "$contexte"
rm -r "$contexte"
docker save -o emetteur-propre.tar emetteur:2
