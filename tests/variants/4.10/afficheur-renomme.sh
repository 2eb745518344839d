# verdict : passed
base=$(docker images --format '{{.Repository}}:{{.Tag}}' busybox | grep -v latest | head -n 1)
tar -xf fournitures/carte.tar
cat >carte/Dockerfile <<FIN
FROM $base AS chantier
WORKDIR /fabrique
COPY sondages.csv tracer.awk ./
RUN awk -f tracer.awk sondages.csv > carte.txt

FROM $base
COPY --from=chantier /fabrique/carte.txt /srv/carte.txt
COPY afficher.sh /usr/bin/carte
USER 10001
CMD ["carte"]
FIN
docker build --network none -t carte:1 carte
docker run --rm --network none carte:1
docker save -o carte.tar carte:1
