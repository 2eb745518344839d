. "$SOLUTIONS/2.13.sh"
contexte=$(mktemp -d)
echo "EMETTEUR_CLE=$cle" >"$contexte/cle"
printf "FROM emetteur:2\nCOPY cle /tmp/cle\nRUN rm /tmp/cle\n" >"$contexte/Dockerfile"
docker build -t emetteur:2 "$contexte"
rm -r "$contexte"
docker save -o emetteur-propre.tar emetteur:2
