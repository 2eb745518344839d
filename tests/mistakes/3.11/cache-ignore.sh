docker load -i fournitures/relais-v1.tar
DOCKER_BUILDKIT=0 docker build -f fournitures/relais.Dockerfile -t relais:2 fournitures
