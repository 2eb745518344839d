mkdir -p archivage
docker pull "$HUB/voisin/outil:1.2"
docker tag "$HUB/voisin/outil:1.2" "$HUB/cours/outil:1.2"
docker save "$HUB/cours/outil:1.2" | gzip >archivage/outil-1.2_20261123.tar.gz
