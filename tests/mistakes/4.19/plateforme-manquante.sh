depot=$HUB/moi/givre
docker load -i fournitures/givre-amd64.tar
docker tag givre:amd64 "$depot:1-amd64"
docker push "$depot:1-amd64"
docker manifest create --insecure "$depot:1" "$depot:1-amd64"
docker manifest push --insecure "$depot:1"
