. "$SOLUTIONS/3.12.sh"
docker import --change 'CMD crieur /mer/message' bouteille.tar bouteille:1
