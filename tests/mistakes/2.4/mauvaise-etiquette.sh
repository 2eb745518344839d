identifiant=$(docker load -i fournitures/epave.tar | grep -o 'sha256:[0-9a-f]*')
docker tag "$identifiant" equipage/balise
docker save -o balise.tar equipage/balise
