split -b 64K fournitures/cargaison.tar cargaison.tar.partie-
sha256sum cargaison.tar.partie-* >cargaison.sha256
sed -i '1s/^......../00000000/' cargaison.sha256
