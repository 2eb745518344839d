# Le numéro change, pas la bibliothèque.
rm -rf houle
tar -xf fournitures/houle.tar

cat >houle/Dockerfile <<'FIN'
ARG HUB
FROM ${HUB}/cours/vigie:1.4.1
WORKDIR /opt/houle
COPY modules.txt houle.sh essai.sh ./
ARG VERSION
ARG REVISION
LABEL org.opencontainers.image.title="houle" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
USER 10001
CMD ["/opt/houle/houle.sh"]
FIN
printf '.env\n' >houle/.dockerignore
docker pull -q "$HUB/cours/vigie:1.4.1"
docker build --network none --build-arg HUB="$HUB" --build-arg VERSION=2.0.1 --build-arg REVISION="$(cat houle/REVISION)" --tag houle:2.0.1 houle
docker run --rm --network none houle:2.0.1 ./essai.sh
mkdir -p livraison
trivy image --exit-code 1 --severity HIGH,CRITICAL --ignore-unfixed houle:2.0.1
trivy image --format json --output livraison/rapport-trivy.json houle:2.0.1
docker login --username pytheas --password-stdin "$HUB" <.jeton
for tag in 2.0.1 2.0 2 latest; do
    docker tag houle:2.0.1 "$HUB/pytheas/houle:$tag"
    docker push "$HUB/pytheas/houle:$tag"
done
docker logout "$HUB"
docker tag houle:2.0.1 station/houle:2.0.1
docker save station/houle:2.0.1 | gzip >livraison/houle-2.0.1.tar.gz
atelier inspecter livraison/houle-2.0.1.tar.gz
