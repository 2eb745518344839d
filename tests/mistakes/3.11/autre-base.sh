docker load -i fournitures/relais-v1.tar
mkdir -p contexte
cp fournitures/relais-2.conf contexte/
sed "s/^FROM .*/FROM busybox/" fournitures/relais.Dockerfile >contexte/Dockerfile
echo "LABEL fr.atelier.apprenant=$(cut -d - -f 2 fournitures/jeton.txt)" >>contexte/Dockerfile
DOCKER_BUILDKIT=0 docker build -t relais:2 contexte
