docker load -i fournitures/relais-v1.tar
