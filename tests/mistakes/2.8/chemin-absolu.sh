split -b 64K fournitures/cargaison.tar cargaison.tar.partie-
sha256sum "$PWD"/cargaison.tar.partie-* >cargaison.sha256
