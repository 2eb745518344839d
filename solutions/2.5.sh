# La situation de départ, celle de la cellule du notebook.
if ! test -s vigie.txt; then
    docker pull "$HUB/cours/boussole:3"
    docker run --name vigie --network none "$HUB/cours/boussole:3" >vigie.txt
fi

docker rm vigie
docker rmi "$HUB/cours/boussole:3"
docker load -i fournitures/boussole-3.tar
docker run --rm --network none "$HUB/cours/boussole:3"
