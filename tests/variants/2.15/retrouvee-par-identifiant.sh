# verdict : passed
# L'ancienne, retrouvée sans nom, en reçoit un.
nom=$(tar -xOf fournitures/feu-corrige.tar manifest.json | grep -o 'localhost:[^"]*')
docker pull "$nom"
docker load -i fournitures/feu-corrige.tar
docker tag "$(docker images --quiet --filter dangling=true)" feux:avant
