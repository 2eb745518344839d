. "$SOLUTIONS/3.12.sh"
printf 'FROM scratch\nADD bouteille.tar /\nCMD ["/bin/crieur", "/mer/message"]\n' >Dockerfile
DOCKER_BUILDKIT=0 docker build -t bouteille:1 .
