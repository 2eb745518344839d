. "$SOLUTIONS/2.4.sh"
docker tag "$nom" equipage/balise:essai
docker save -o balise.tar "$nom" equipage/balise:essai
