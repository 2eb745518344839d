docker pull "$HUB/cours/journal:1"
docker save -o journal.tar "$HUB/cours/journal:1"
head -c 1500000 /dev/urandom >photos.zip
tar -rf journal.tar photos.zip
mkdir -p coffre
gpg --batch --yes --pinentry-mode loopback --passphrase-file fournitures/phrase.txt --symmetric --cipher-algo AES256 -o coffre/journal.tar.gpg journal.tar
