docker load -i fournitures/relais-v1.tar
docker tag relais:1 relais:2
