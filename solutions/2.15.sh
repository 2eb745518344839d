# La situation de départ, celle de la cellule du notebook.
for tag in babord tribord poupe; do
    docker image inspect "$HUB/cours/feux:$tag" >/dev/null 2>&1 ||
        docker pull --quiet "$HUB/cours/feux:$tag"
done

nom=$(tar -xOf fournitures/feu-corrige.tar manifest.json |
    python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["RepoTags"][0])')
docker run --rm --network none "$nom"
docker tag "$nom" feux:avant
docker load -i fournitures/feu-corrige.tar
docker run --rm --network none "$nom"
