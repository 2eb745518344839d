docker pull "$HUB/cours/outil:1.3"
mkdir -p archivage
docker save "$HUB/cours/outil:1.3" | gzip >archivage/outil-1.2_20261123.tar.gz
