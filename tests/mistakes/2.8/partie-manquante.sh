split -b 64K fournitures/cargaison.tar cargaison.tar.partie-
rm cargaison.tar.partie-ab
