docker load -i fournitures/relais-v1.tar
mkdir -p contexte
cp fournitures/relais-2.conf contexte/
printf 'FROM relais:1\nCOPY relais-2.conf /etc/relais/conf\nLABEL org.opencontainers.image.version=2\n' >contexte/Dockerfile
DOCKER_BUILDKIT=0 docker build -t relais:2 contexte
