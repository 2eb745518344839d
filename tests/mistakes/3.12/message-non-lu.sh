. "$SOLUTIONS/3.12.sh"
docker import --change 'CMD ["crieur"]' bouteille.tar bouteille:1
