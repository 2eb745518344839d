docker save cours/nexiste:pas >lot-v1.tar.gz || true
