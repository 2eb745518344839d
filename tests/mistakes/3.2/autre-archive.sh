docker import instantane.tar instantane:1
docker exec carnet sh -c 'echo "02 h : rien" >>/srv/quart.txt'
docker export -o instantane.tar carnet
