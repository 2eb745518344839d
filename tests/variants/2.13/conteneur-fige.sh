# verdict : passed
. "$SOLUTIONS/2.13.sh"
# Sans Dockerfile : un conteneur de la base, deux fichiers copiés, puis figé.
docker create --name source "$HUB/cours/emetteur:1"
docker create --name propre "$base"
docker cp source:/usr/bin/emetteur - | docker cp - propre:/usr/bin
docker cp source:/etc/emetteur - | docker cp - propre:/etc
docker commit --change 'ENTRYPOINT ["/usr/bin/emetteur"]' --change 'CMD []' \
    --change 'ENV EMETTEUR_PORTEE=40' --change 'LABEL org.opencontainers.image.title=emetteur' \
    --change "LABEL fr.atelier.apprenant=$(docker inspect -f '{{index .Config.Labels "fr.atelier.apprenant"}}' source)" \
    propre emetteur:2
docker save emetteur:2 | gzip >emetteur-propre.tar
sed -i "s/\"cle\": \"/&EMETTEUR_CLE=/; s/\"chemin\": \"\//\"chemin\": \"/" reponses/2.13.json
