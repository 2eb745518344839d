docker pull "$HUB/cours/boussole:3"
docker run --name vigie "$HUB/cours/boussole:3"
docker rm vigie
docker rmi "$HUB/cours/boussole:3"
docker pull "$HUB/cours/boussole:3"
