# verdict : passed
docker pull "$HUB/cours/journal:1"
docker tag "$HUB/cours/journal:1" cours/journal:1
mkdir -p coffre
docker save cours/journal:1 | gpg --batch --yes --pinentry-mode loopback --passphrase-file fournitures/phrase.txt --symmetric --cipher-algo AES256 -o coffre/journal.tar.gpg
