tar -xf fournitures/observatoire.tar
: >observatoire/Dockerfile
