docker pull "$HUB/cours/journal:1"
docker save -o journal.tar "$HUB/cours/journal:1"
mkdir -p coffre
base64 journal.tar >coffre/journal.tar.gpg
