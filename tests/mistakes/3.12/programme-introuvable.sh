. "$SOLUTIONS/3.12.sh"
docker import --change 'CMD ["cat", "/mer/message"]' bouteille.tar bouteille:1
