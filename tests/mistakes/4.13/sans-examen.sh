tar -xf fournitures/releve.tar
docker logout "$HUB"
docker pull -q "$HUB/cours/vigie:1.4.1"
cat >publier.sh <<'FIN'
#!/bin/bash
set -euo pipefail
version=${1:?version}
depot=$HUB/pytheas/releve
examinee=$depot:$version

docker build --network none --build-arg VERSION="$version" --tag "$examinee" releve
docker run --rm --network none "$examinee" essai.sh

trap 'docker logout "$HUB"' EXIT
printf '%s' "${JETON_HUB:?}" | docker login --username pytheas --password-stdin "$HUB"
for tag in "${version%.*}" "${version%%.*}" latest; do
    docker tag "$examinee" "$depot:$tag"
done
for tag in "$version" "${version%.*}" "${version%%.*}" latest; do
    docker push "$depot:$tag"
done
FIN
JETON_HUB=$(cat .jeton)
export JETON_HUB
bash publier.sh 1.0.0
bash publier.sh 1.1.0 || echo "1.1.0 : la chaîne s'est arrêtée"
bash publier.sh 1.2.0 || echo "1.2.0 : la chaîne s'est arrêtée"
