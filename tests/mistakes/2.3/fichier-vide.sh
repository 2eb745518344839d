docker save cours/nexiste:pas >atlas.tar.gz || true
