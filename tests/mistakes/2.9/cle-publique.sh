docker pull "$HUB/cours/journal:1"
docker save -o journal.tar "$HUB/cours/journal:1"
mkdir -p coffre
export GNUPGHOME=$PWD/trousseau
mkdir -m 700 trousseau
gpg --batch --quiet --passphrase "" --quick-generate-key equipage@boreale.example default default never
gpg --batch --yes --trust-model always -r equipage@boreale.example --encrypt -o coffre/journal.tar.gpg journal.tar
gpgconf --kill all
