docker pull "$HUB/cours/journal:1"
docker save -o journal.tar "$HUB/cours/journal:1"
mkdir -p coffre
openssl enc -aes-256-cbc -pbkdf2 -pass file:fournitures/phrase.txt -in journal.tar -out coffre/journal.tar.gpg
