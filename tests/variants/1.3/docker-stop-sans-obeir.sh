# verdict : arrete-de-l-exterieur
# dit : `docker stop` quand le programme n'obéit pas à temps
docker pull "$HUB/cours/outil:1.0"
docker run -d --network none --name etude-conteneur "$HUB/cours/outil:1.0" sleep 600
docker stop -t 1 etude-conteneur
docker create --name etude-creee "$HUB/cours/outil:1.0"
