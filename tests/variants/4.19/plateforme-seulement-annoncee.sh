# verdict : variantes-confondues
# Les deux tags désignent la même image ; la liste la donne aux deux processeurs.
depot=$HUB/moi/givre
docker load -i fournitures/givre-amd64.tar
docker load -i fournitures/givre-arm64.tar
docker tag givre:arm64 "$depot:1-amd64"
docker tag givre:amd64 "$depot:1-arm64"
docker push "$depot:1-amd64"
docker push "$depot:1-arm64"
docker manifest create --insecure "$depot:1" "$depot:1-amd64" "$depot:1-arm64"
docker manifest annotate --arch amd64 "$depot:1" "$depot:1-amd64"
docker manifest annotate --arch arm64 "$depot:1" "$depot:1-arm64"
docker manifest push --insecure "$depot:1"
