# verdict : passed
base=$(docker images --format '{{.Repository}}:{{.Tag}}' busybox | grep -v latest | head -n 1)
tar -xf fournitures/observatoire.tar
cat >observatoire/Dockerfile <<FIN
FROM $base
WORKDIR /app
COPY modules.txt installer.sh ./
RUN ./installer.sh
COPY . .
RUN rm installer.sh modules.txt
LABEL org.opencontainers.image.title="observatoire" \\
      org.opencontainers.image.version="1.0.0" \\
      org.opencontainers.image.source="https://git.example.com/boreale/observatoire" \\
      org.opencontainers.image.licenses="MIT"
USER 10001
EXPOSE 8080
CMD ["./veille.sh"]
FIN
printf '%s\n' .git .env notes Dockerfile .dockerignore >observatoire/.dockerignore
docker build --network none -t observatoire:1.0.0 observatoire
sed -i 's/^VERSION=1.0.0/VERSION=1.0.1/' observatoire/veille.sh
docker build --network none -t observatoire:1.0.1 observatoire
docker save -o observatoire.tar observatoire:1.0.0 observatoire:1.0.1
