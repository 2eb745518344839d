docker run -d --name carnet "$HUB/cours/carnet:1"
docker exec carnet sh -c 'echo $JETON >/srv/jeton'
docker export -o instantane.tar carnet
