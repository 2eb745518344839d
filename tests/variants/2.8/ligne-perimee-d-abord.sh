# verdict : ligne-en-echec
. "$SOLUTIONS/2.8.sh"
sed -i "1i $(sha256sum </dev/null | cut -d' ' -f1)  $(ls cargaison.tar.partie-* | head -n 1)" cargaison.sha256
