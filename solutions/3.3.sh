# Ce que l'image d'origine déclare, et que l'export n'a pas emporté.
origine="$HUB/cours/carnet:1"
docker pull -q "$origine"
variable=$(docker image inspect -f '{{range .Config.Env}}{{println .}}{{end}}' "$origine" | grep ^CARNET_PORT=)
port=$(docker image inspect -f '{{range $p, $_ := .Config.ExposedPorts}}{{$p}}{{end}}' "$origine")
utilisateur=$(docker image inspect -f '{{.Config.User}}' "$origine")
apprenant=$(docker image inspect -f '{{index .Config.Labels "fr.atelier.apprenant"}}' "$origine")

docker import \
    --change 'CMD ["carnet", "veille"]' \
    --change "ENV $variable" \
    --change "EXPOSE $port" \
    --change 'WORKDIR /srv' \
    --change "USER $utilisateur" \
    --change "LABEL fr.atelier.apprenant=$apprenant" \
    --change 'LABEL org.opencontainers.image.title=carnet org.opencontainers.image.version=1' \
    instantane.tar instantane:2
docker run -d --name reveil instantane:2
