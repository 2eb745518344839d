# verdict : passed
. "$SOLUTIONS/1.1.sh"
sed -i '/^"c"/s/"digest": "sha256:/"digest": "/' reponses/1.1.json
