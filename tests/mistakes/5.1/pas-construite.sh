mkdir -p livraison
docker tag busybox:1.35 houle:2.0.1
