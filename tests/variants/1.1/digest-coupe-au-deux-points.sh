# verdict : digest-pris-pour-un-tag
. "$SOLUTIONS/1.1.sh"
sed -i '/^"c"/s/"tag": "aucun", "digest": "sha256:/"tag": "sha256", "digest": "/' reponses/1.1.json
