docker pull "$HUB/cours/journal:1"
docker tag "$HUB/cours/journal:1" autre:9
docker save -o journal.tar autre:9
mkdir -p coffre
gpg --batch --yes --pinentry-mode loopback --passphrase-file fournitures/phrase.txt --symmetric --cipher-algo AES256 -o coffre/journal.tar.gpg journal.tar
