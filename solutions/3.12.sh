mkdir -p racine/bin racine/mer
cp fournitures/crieur racine/bin/crieur
chmod 755 racine/bin/crieur
cp fournitures/message.txt racine/mer/message
# -C : entrer dans le dossier d'abord, pour que les noms commencent à sa racine.
tar -C racine -cf bouteille.tar .
docker import --change 'CMD ["/bin/crieur", "/mer/message"]' bouteille.tar bouteille:1
docker run --rm --network none bouteille:1
