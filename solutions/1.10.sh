mkdir -p reponses
image=$(docker load -i fournitures/phare.tar | sed 's/^Loaded image: //')
lire() { docker image inspect --format "$1" "$image"; }
taille=$(tar -tvf fournitures/phare.tar | grep 'layer.tar$' | awk '{ total += $3 } END { print total }')
cat >reponses/1.10.json <<FIN
{
    "architecture": "$(lire '{{.Architecture}}')",
    "entrypoint": $(lire '{{json .Config.Entrypoint}}'),
    "cmd": $(lire '{{json .Config.Cmd}}'),
    "port": "$(lire '{{range $port, $_ := .Config.ExposedPorts}}{{$port}}{{end}}')",
    "utilisateur": "$(lire '{{.Config.User}}')",
    "couches": $(lire '{{len .RootFS.Layers}}'),
    "taille": $taille,
    "version": "$(lire '{{index .Config.Labels "org.opencontainers.image.version"}}')"
}
FIN
