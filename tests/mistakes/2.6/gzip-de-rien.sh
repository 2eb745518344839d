docker save cours/base:9 | gzip >lot-v1.tar.gz
