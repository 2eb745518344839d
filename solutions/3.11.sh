docker load -i fournitures/relais-v1.tar
DOCKER_BUILDKIT=0 docker build --cache-from relais:1 -f fournitures/relais.Dockerfile -t relais:2 fournitures
