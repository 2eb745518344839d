# La même image deux fois : une étiquette dit arm64, le programme reste amd64.
depot=$HUB/moi/givre
docker load -i fournitures/givre-amd64.tar
docker tag givre:amd64 "$depot:1-amd64"
printf 'FROM givre:amd64\nENV VARIANTE=arm64\n' | docker build --network none -t "$depot:1-arm64" -
docker push "$depot:1-amd64"
docker push "$depot:1-arm64"
docker manifest create --insecure "$depot:1" "$depot:1-amd64" "$depot:1-arm64"
docker manifest annotate --arch arm64 "$depot:1" "$depot:1-arm64"
docker manifest push --insecure "$depot:1"
