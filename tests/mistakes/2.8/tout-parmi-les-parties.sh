split -b 64K fournitures/cargaison.tar cargaison.tar.partie-
cat cargaison.tar.partie-?? >cargaison.tar.partie-recue
