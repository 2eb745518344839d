docker import fournitures/epave.tar equipage/balise:2.1
docker save -o balise.tar equipage/balise:2.1
