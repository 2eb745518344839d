mkdir -p archivage
