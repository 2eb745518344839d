# verdict : passed
tar -xf fournitures/releve.tar
docker logout "$HUB"
docker pull -q "$HUB/cours/vigie:1.4.1"
cat >publier.sh <<'FIN'
#!/bin/bash
# Publie une version du relevé, si elle le mérite.
version=${1:?version}
depot=$HUB/pytheas/releve
examinee=$depot:$version

abandonner() {
    echo "arrêt : $1" >&2
    exit 1
}

construire() {
    docker build --network none --build-arg VERSION="$version" \
        --tag "$examinee" releve || abandonner construction
}

eprouver() {
    docker run --rm --network none "$examinee" essai.sh || abandonner essai
    command -v trivy >/dev/null || abandonner "trivy n'est pas installé"
    echo "Examen par trivy image, avant docker push"
    trivy image "$examinee" --exit-code 1 --severity HIGH,CRITICAL --ignore-unfixed ||
        abandonner examen
}

envoyer() {
    trap '
        docker logout "$HUB"
    ' EXIT
    bash connexion.sh || abandonner connexion
    for tag in "$version" "${version%.*}" "${version%%.*}" latest; do
        docker tag "$examinee" "$depot:$tag"
        docker push "$depot:$tag" || abandonner envoi
    done
}

construire
eprouver
envoyer
FIN
JETON_HUB=$(cat .jeton)
export JETON_HUB
bash publier.sh 1.0.0
bash publier.sh 1.1.0
bash publier.sh 1.2.0
