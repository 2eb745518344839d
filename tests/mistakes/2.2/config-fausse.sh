. "$SOLUTIONS/2.2.sh"
sed -i '/^"a"/,/^}/s/\(sha256:[0-9a-f]\{12\}\)[0-9a-f]*/\1/' reponses/2.2.json
