docker tag houle:2.0.1 station/houle:2.0.1
docker save station/houle:2.0.1 | gzip >livraison/houle-2.0.1.tar.gz
atelier inspecter livraison/houle-2.0.1.tar.gz
