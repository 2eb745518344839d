depot=$HUB/moi/givre
for processeur in amd64 arm64; do
    docker load -i "fournitures/givre-$processeur.tar"
    docker tag "givre:$processeur" "$depot:1-$processeur"
    docker push "$depot:1-$processeur"
done
# `--insecure` : ce hub parle HTTP, même à localhost.
docker manifest create --insecure "$depot:1" "$depot:1-amd64" "$depot:1-arm64"
docker manifest push --insecure "$depot:1"
