# verdict : message-absent
. "$SOLUTIONS/3.12.sh"
ln -sf message racine/mer/message
tar -C racine -cf bouteille.tar .
