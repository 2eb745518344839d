docker pull "$HUB/cours/outil:1.2"
docker save -o outil.tar "$HUB/cours/outil:1.2"
sha256sum outil.tar >SHA256SUMS
