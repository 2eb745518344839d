# verdict : importee-au-lieu-de-chargee
nom=$(tar -xOf fournitures/feu-corrige.tar manifest.json | grep -o 'localhost:[^"]*')
docker pull "$nom"
docker tag "$nom" feux:avant
docker import fournitures/feu-corrige.tar
