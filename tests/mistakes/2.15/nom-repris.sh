for feu in babord tribord poupe; do docker pull --quiet "$HUB/cours/feux:$feu"; done
nom=$(tar -xOf fournitures/feu-corrige.tar manifest.json | grep -o "localhost:[^\"]*")
docker tag "$nom" feux:avant
docker load -i fournitures/feu-corrige.tar
docker tag "$nom" feux:apres
docker pull "$nom"
