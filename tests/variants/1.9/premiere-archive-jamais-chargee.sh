# verdict : ancienne-perdue
# dit : `lanterne:1.0` n'est pas sur votre machine
docker load -i fournitures/lanterne-2.0.tar
docker tag lanterne:2.0 lanterne:latest
