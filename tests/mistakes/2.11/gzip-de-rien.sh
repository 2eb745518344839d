mkdir archivage && docker save cours/outil:9 | gzip >archivage/outil-1.2_$(date +%Y%m%d).tar.gz
