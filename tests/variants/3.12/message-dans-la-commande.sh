# verdict : message-non-lu
. "$SOLUTIONS/3.12.sh"
docker import --change 'CMD ["/bin/crieur", "Tout va bien à bord."]' bouteille.tar bouteille:1
