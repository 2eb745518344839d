docker pull "$HUB/cours/boussole:3"
docker run --name vigie "$HUB/cours/boussole:3" >vigie.txt
docker rm vigie
docker rmi "$HUB/cours/boussole:3"
docker import fournitures/boussole-3.tar "$HUB/cours/boussole:3"
