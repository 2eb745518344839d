# verdict : nom-repris
# Le téléchargement vient après : l'image corrigée reste, sans nom.
nom=$(tar -xOf fournitures/feu-corrige.tar manifest.json | grep -o 'localhost:[^"]*')
docker pull "$nom"
docker tag "$nom" feux:avant
docker load -i fournitures/feu-corrige.tar
docker pull "$nom"
