docker load -i fournitures/lanterne-1.0.tar
