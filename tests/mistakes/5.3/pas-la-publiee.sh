docker tag "$HUB/cours/vigie:1.4.1" station/houle:2.0.1
docker save station/houle:2.0.1 | gzip >livraison/houle-2.0.1.tar.gz
