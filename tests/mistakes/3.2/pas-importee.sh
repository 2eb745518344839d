mkdir -p contexte
cp instantane.tar contexte/
printf 'FROM scratch\nADD instantane.tar /\n' >contexte/Dockerfile
DOCKER_BUILDKIT=0 docker build -t instantane:1 contexte
