# verdict : passed
mkdir -p racine/usr/bin racine/mer racine/var
cp fournitures/crieur racine/usr/bin/
chmod +x racine/usr/bin/crieur
ln -s usr/bin racine/bin
sed 's/$/\r/' fournitures/message.txt >racine/var/message
ln -s ../var/message racine/mer/message
tar -C racine --absolute-names --transform 's,^\./,/,' -cf bouteille.tar .
docker import --message 'Une bouteille' --change 'CMD ["crieur", "/mer/message"]' - bouteille:1 <bouteille.tar
docker run --rm --network none bouteille:1
