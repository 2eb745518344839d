docker pull "$HUB/cours/journal:1"
docker tag "$HUB/cours/journal:1" equipage/balise:2.1
docker save -o balise.tar equipage/balise:2.1
