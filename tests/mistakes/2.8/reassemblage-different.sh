split -b 64K fournitures/cargaison.tar cargaison.tar.partie-
sha256sum cargaison.tar.partie-* >cargaison.sha256
docker load -i fournitures/cargaison.tar
docker save -o cargaison-recue.tar equipage/cargaison:1
