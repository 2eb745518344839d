. "$SOLUTIONS/3.12.sh"
docker rmi bouteille:1
docker import --change 'CMD ["/bin/crieur", "/mer/message"]' bouteille.tar bouteille
