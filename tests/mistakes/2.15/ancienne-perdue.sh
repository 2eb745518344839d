docker load -i fournitures/feu-corrige.tar
