docker load -i fournitures/lanterne-1.0.tar
docker load -i fournitures/lanterne-2.0.tar
docker run --rm --network none lanterne:latest >latest-avant.txt
docker tag lanterne:2.0 lanterne:latest
docker run --rm --network none lanterne:latest >latest-apres.txt
