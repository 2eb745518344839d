# verdict : passed
# Le nom gardé est écrit dans le dépôt du hub ; l'archive passe par un tube.
nom=$(tar -xOf fournitures/feu-corrige.tar manifest.json | grep -o 'localhost:[^"]*')
docker pull "$nom"
docker tag "$nom" "$HUB/cours/feux:avant"
gzip <fournitures/feu-corrige.tar | docker load
