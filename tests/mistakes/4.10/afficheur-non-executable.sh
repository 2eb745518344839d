base=$(docker images --format '{{.Repository}}:{{.Tag}}' busybox | grep -v latest | head -n 1)
tar -xf fournitures/carte.tar
chmod a-x carte/afficher.sh
cat >carte/Dockerfile <<FIN
FROM $base AS chantier
WORKDIR /fabrique
COPY sondages.csv tracer.awk ./
RUN awk -f tracer.awk sondages.csv > carte.txt

FROM $base
COPY --from=chantier /fabrique/carte.txt /srv/carte.txt
COPY afficher.sh /usr/local/bin/afficher.sh
USER 10001
CMD ["/usr/local/bin/afficher.sh"]
FIN
docker build --network none -t carte:1 carte
docker run --rm --network none carte:1
docker save -o carte.tar carte:1
