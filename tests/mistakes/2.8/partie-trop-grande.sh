split -b 100K fournitures/cargaison.tar cargaison.tar.partie-
