split -b 64M fournitures/cargaison.tar cargaison.tar.partie-
