docker load -i fournitures/givre-amd64.tar
docker tag givre:amd64 "$HUB/moi/givre:1"
