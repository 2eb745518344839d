docker load -i fournitures/givre-amd64.tar
docker load -i fournitures/givre-arm64.tar
