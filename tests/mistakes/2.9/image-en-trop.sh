mkdir -p coffre
docker pull "$HUB/cours/journal:1"
docker pull "$HUB/cours/atlas:1"
docker save -o deux.tar "$HUB/cours/journal:1" "$HUB/cours/atlas:1"
gpg --batch --yes --pinentry-mode loopback --passphrase-file fournitures/phrase.txt --symmetric --cipher-algo AES256 -o coffre/journal.tar.gpg deux.tar
