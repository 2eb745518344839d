tar -xf fournitures/releve.tar
