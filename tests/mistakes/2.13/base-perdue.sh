. "$SOLUTIONS/2.13.sh"
docker create --name photo "$HUB/cours/emetteur:1"
docker export photo | docker import --change "CMD [\"emetteur\"]" --change "ENV EMETTEUR_PORTEE=40" --change "LABEL org.opencontainers.image.title=emetteur" --change "$(docker image inspect -f 'LABEL fr.atelier.apprenant={{index .Config.Labels "fr.atelier.apprenant"}}' emetteur:2)" - emetteur:2
docker save -o emetteur-propre.tar emetteur:2
