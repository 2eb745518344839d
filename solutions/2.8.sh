split -b 64K fournitures/cargaison.tar cargaison.tar.partie-
sha256sum cargaison.tar.partie-* >cargaison.sha256
sha256sum -c cargaison.sha256
cat cargaison.tar.partie-* >cargaison-recue.tar
