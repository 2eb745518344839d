tar -xf fournitures/carte.tar
: >carte/Dockerfile
