tar -xf fournitures/carte.tar
