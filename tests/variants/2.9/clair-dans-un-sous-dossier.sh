# verdict : clair-a-cote
. "$SOLUTIONS/2.9.sh"
mkdir -p coffre/vrac
docker save -o coffre/vrac/journal.tar "$HUB/cours/journal:1"
