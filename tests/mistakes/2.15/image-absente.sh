docker load -i fournitures/epave.tar
