docker load -i fournitures/lanterne-1.0.tar
docker load -i fournitures/lanterne-2.0.tar
docker run --rm --network none lanterne:latest | tee latest-avant.txt >latest-apres.txt
