docker load -i fournitures/boussole-3.tar
