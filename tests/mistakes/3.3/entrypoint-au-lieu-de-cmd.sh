origine="$HUB/cours/carnet:1"
lire() { docker image inspect -f "$1" "$origine"; }
variable=$(lire '{{range .Config.Env}}{{println .}}{{end}}' | grep ^CARNET_PORT=)
port=$(lire '{{range $p, $_ := .Config.ExposedPorts}}{{$p}}{{end}}')
utilisateur=$(lire '{{.Config.User}}')
labels=$(lire '{{range $n, $v := .Config.Labels}}{{$n}}={{$v}} {{end}}')
docker import --change 'ENTRYPOINT ["carnet", "veille"]' --change "ENV $variable" --change "EXPOSE $port" \
    --change 'WORKDIR /srv' --change "USER $utilisateur" --change "LABEL $labels" \
    instantane.tar instantane:2
