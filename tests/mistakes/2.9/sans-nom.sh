docker pull "$HUB/cours/journal:1"
docker save -o journal.tar "$(docker image inspect -f '{{.Id}}' "$HUB/cours/journal:1")"
mkdir -p coffre
gpg --batch --yes --pinentry-mode loopback --passphrase-file fournitures/phrase.txt --symmetric --cipher-algo AES256 -o coffre/journal.tar.gpg journal.tar
