# verdict : passed
# Les variantes n'ont pas besoin d'un tag à elles : un digest les désigne aussi.
depot=$HUB/moi/givre
membres=()
for processeur in arm64 amd64; do
    docker load -i "fournitures/givre-$processeur.tar"
    docker tag "givre:$processeur" "$depot:1"
    digest=$(docker push "$depot:1" | grep -o 'sha256:[0-9a-f]*' | tail -n 1)
    membres+=("$depot@$digest")
done
docker manifest create --insecure "$depot:1" "${membres[@]}"
docker manifest push --insecure "$depot:1"
