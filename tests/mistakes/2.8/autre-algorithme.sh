split -b 64K fournitures/cargaison.tar cargaison.tar.partie-
sha1sum cargaison.tar.partie-* >cargaison.sha256
