# verdict : autre-image
for feu in babord tribord poupe; do docker pull --quiet "$HUB/cours/feux:$feu"; done
nom=$(tar -xOf fournitures/feu-corrige.tar manifest.json | grep -o 'localhost:[^"]*')
docker tag "$nom" feux:avant
for feu in babord tribord poupe; do
    test "$HUB/cours/feux:$feu" = "$nom" || docker tag "$HUB/cours/feux:$feu" "$nom"
done
