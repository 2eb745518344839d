split -b 64K fournitures/cargaison.tar
