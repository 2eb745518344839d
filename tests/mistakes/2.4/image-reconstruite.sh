identifiant=$(docker load -i fournitures/epave.tar | grep -o 'sha256:[0-9a-f]*')
nom=$(docker image inspect -f '{{index .Config.Labels "org.opencontainers.image.title"}}:{{index .Config.Labels "org.opencontainers.image.version"}}' "$identifiant")
docker tag "$identifiant" depart
mkdir -p contexte
echo "ajout" >contexte/ajout
printf 'FROM depart\nCOPY ajout /ajout\n' >contexte/Dockerfile
DOCKER_BUILDKIT=0 docker build -q -t "$nom" contexte
docker save -o balise.tar "$nom"
