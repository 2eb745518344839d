docker pull "$HUB/cours/boussole:3"
docker run --name vigie "$HUB/cours/boussole:3" >vigie.txt
docker rmi -f "$HUB/cours/boussole:3"
docker load -i fournitures/boussole-3.tar
