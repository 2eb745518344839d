# Chercher : chaque couche de l'archive est elle-même un tar.
docker pull "$HUB/cours/emetteur:1"
docker save -o emetteur-1.tar "$HUB/cours/emetteur:1"
fouille=$(mktemp -d)
tar -xf emetteur-1.tar -C "$fouille"
for fichier in $(find "$fouille" -type f); do
    liste=$(tar -tf "$fichier" 2>/dev/null) || continue
    if chemin=$(grep '/\.emetteur-.*/cle$' <<<"$liste"); then
        cle=$(tar -xOf "$fichier" "$chemin" | cut -d= -f2)
        break
    fi
done
rm -r "$fouille"
mkdir -p reponses
echo "{\"cle\": \"$cle\", \"chemin\": \"/$chemin\"}" >reponses/2.13.json

# Réparer : la même base, et les seuls fichiers utiles.
base=$(docker images --format '{{.Repository}}:{{.Tag}}' busybox | grep -v latest | head -n 1)
contexte=$(mktemp -d)
cat >"$contexte/Dockerfile" <<FIN
FROM $HUB/cours/emetteur:1 AS fautive
FROM $base
COPY --from=fautive /usr/bin/emetteur /usr/bin/emetteur
COPY --from=fautive /etc/emetteur/canal /etc/emetteur/canal
ENV EMETTEUR_PORTEE=40
LABEL fr.atelier.apprenant=$(docker image inspect -f '{{index .Config.Labels "fr.atelier.apprenant"}}' "$HUB/cours/emetteur:1")
LABEL org.opencontainers.image.title=emetteur
CMD ["emetteur"]
FIN
docker build -t emetteur:2 "$contexte"
rm -r "$contexte"
docker save -o emetteur-propre.tar emetteur:2
