docker load -i "$VOISIN/epave.tar" | grep -o 'sha256:[0-9a-f]*' >id
docker tag "$(cat id)" equipage/balise:2.1
docker save -o balise.tar equipage/balise:2.1
