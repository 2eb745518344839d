identifiant=$(docker load -i fournitures/epave.tar | grep -o 'sha256:[0-9a-f]*')
nom=$(docker image inspect -f '{{index .Config.Labels "org.opencontainers.image.title"}}:{{index .Config.Labels "org.opencontainers.image.version"}}' "$identifiant")
docker tag "$identifiant" "$nom"
docker save -o balise.tar "$nom"
