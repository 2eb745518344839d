docker pull "$HUB/cours/boussole:3"
docker run --name vigie "$HUB/cours/boussole:3" >vigie.txt
docker rm vigie
docker rmi "$HUB/cours/boussole:3"
docker pull "$HUB/cours/outil:1.2"
docker tag "$HUB/cours/outil:1.2" "$HUB/cours/boussole:3"
