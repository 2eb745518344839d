docker pull "$HUB/cours/journal:1"
docker save -o journal.tar "$HUB/cours/journal:1"
mkdir -p coffre
gpg --batch --passphrase-file /nexiste --symmetric <journal.tar >coffre/journal.tar.gpg || true
