split -b 64K fournitures/cargaison.tar cargaison.tar.partie-
sha256sum fournitures/cargaison.tar >cargaison.sha256
