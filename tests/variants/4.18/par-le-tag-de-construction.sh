# verdict : passed
# Le tag `build-…` de la même image la désigne aussi : c'est le contenu qui compte.
for build in 211 212; do
    docker pull "$HUB/cours/banquise:build-$build" > reponse
    grep -q "$(grep -o 'sha256:[0-9a-f]*' fournitures/proces-verbal.json)" reponse || continue
    docker tag "$HUB/cours/banquise:build-$build" "$HUB/moi/banquise:1.0.0"
done
docker push "$HUB/moi/banquise:1.0.0"
