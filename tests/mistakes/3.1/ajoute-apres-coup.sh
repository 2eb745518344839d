docker run -d --name carnet "$HUB/cours/carnet:1"
docker export -o instantane.tar carnet
mkdir -p srv
cp fournitures/jeton.txt srv/jeton
tar -rf instantane.tar srv/jeton
