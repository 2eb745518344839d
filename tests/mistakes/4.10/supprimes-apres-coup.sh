base=$(docker images --format '{{.Repository}}:{{.Tag}}' busybox | grep -v latest | head -n 1)
tar -xf fournitures/carte.tar
cat >carte/Dockerfile <<FIN
FROM $base
WORKDIR /srv
COPY sondages.csv tracer.awk ./
RUN awk -f tracer.awk sondages.csv > carte.txt
RUN rm sondages.csv tracer.awk
COPY afficher.sh /usr/local/bin/afficher.sh
CMD ["/usr/local/bin/afficher.sh"]
FIN
docker build --network none -t carte:1 carte
docker run --rm --network none carte:1
docker save -o carte.tar carte:1
