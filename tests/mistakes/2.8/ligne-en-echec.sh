. "$SOLUTIONS/2.8.sh"
sha256sum cargaison* >cargaison.sha256
rm cargaison-recue.tar
cp fournitures/cargaison.tar cargaison-recue.tar
