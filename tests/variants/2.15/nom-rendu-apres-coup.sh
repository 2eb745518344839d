# verdict : passed
# Chargée d'abord, puis l'ancienne téléchargée, nommée, et l'archive chargée de nouveau.
docker load -i fournitures/feu-corrige.tar
nom=$(docker images --format '{{.Repository}}:{{.Tag}}' "$HUB/cours/feux")
docker pull "$nom"
docker tag "$nom" feux:avant
docker load <fournitures/feu-corrige.tar
