docker load -i fournitures/relais-v1.tar
mkdir -p contexte
cp fournitures/relais-2.conf contexte/
grep -v ^RUN fournitures/relais.Dockerfile >contexte/Dockerfile
DOCKER_BUILDKIT=0 docker build --cache-from relais:1 -t relais:2 contexte
