docker save -o carnet.tar "$HUB/cours/carnet:1"
docker import carnet.tar instantane:1
