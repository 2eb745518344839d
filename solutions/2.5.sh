# La situation de départ, quand la cellule du notebook ne l'a pas déjà créée.
docker container inspect vigie >/dev/null 2>&1 || docker run --name vigie "$HUB/cours/boussole:3"

docker rm vigie
docker rmi "$HUB/cours/boussole:3"
docker load -i fournitures/boussole-3.tar
docker run --rm "$HUB/cours/boussole:3"
