# La seconde prend le nom de la première.
for processeur in amd64 arm64; do
    docker load -i "fournitures/givre-$processeur.tar"
    docker tag "givre:$processeur" "$HUB/moi/givre:1"
    docker push "$HUB/moi/givre:1"
done
