docker pull "$HUB/cours/journal:1"
docker save -o journal.tar "$HUB/cours/journal:1"
mkdir -p coffre
docker pull "$HUB/voisin/journal:1"
docker save -o voisin.tar "$HUB/voisin/journal:1"
gpg --batch --yes --pinentry-mode loopback --passphrase-file fournitures/phrase.txt --symmetric --cipher-algo AES256 -o coffre/journal.tar.gpg voisin.tar
