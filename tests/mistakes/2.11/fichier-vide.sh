mkdir -p archivage
docker save cours/nexiste:pas >archivage/outil-1.2_20261123.tar.gz || true
