docker load -i fournitures/cargaison.tar
docker save -o nouvelle.tar equipage/cargaison:1
{ cat nouvelle.tar; head -c 100000 /dev/zero; } | split -b 64K - cargaison.tar.partie-
