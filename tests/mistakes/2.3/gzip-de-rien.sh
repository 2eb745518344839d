docker save cours/atlas:9 | gzip >atlas.tar.gz
