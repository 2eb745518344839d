docker pull "$HUB/cours/boussole:3"
docker run --name vigie "$HUB/cours/boussole:3" >vigie.txt
docker rm vigie
docker tag "$HUB/cours/boussole:3" boussole:ancienne
docker load -i fournitures/boussole-3.tar
