# verdict : message-absent
mkdir vide
tar -C vide -cf bouteille.tar --files-from /dev/null
docker import bouteille.tar bouteille:1
