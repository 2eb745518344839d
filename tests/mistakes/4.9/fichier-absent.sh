tar -xf fournitures/observatoire.tar
