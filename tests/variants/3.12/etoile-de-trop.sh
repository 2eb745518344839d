# verdict : dossier-en-trop
. "$SOLUTIONS/3.12.sh"
tar -cf bouteille.tar racine/*
docker import --change 'CMD ["/racine/bin/crieur", "/racine/mer/message"]' bouteille.tar bouteille:1
