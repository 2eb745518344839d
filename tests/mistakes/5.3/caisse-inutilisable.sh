docker run --name exportee --network none houle:2.0.1
docker export exportee | gzip >livraison/houle-2.0.1.tar.gz
