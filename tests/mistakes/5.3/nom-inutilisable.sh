docker save "$HUB/pytheas/houle:2.0.1" | gzip >livraison/houle-2.0.1.tar.gz
