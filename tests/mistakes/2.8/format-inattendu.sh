split -b 64K fournitures/cargaison.tar cargaison.tar.partie-
ls -l cargaison.tar.partie-* >cargaison.sha256
