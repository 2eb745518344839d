# verdict : passed
. "$SOLUTIONS/1.1.sh"
sed -i -e 's/"tag": "\([0-9]\)/"tag": ":\1/' -e 's/"digest": "sha256/"digest": "@sha256/' -e 's/"port": "\([0-9]*\)"/"port": \1/' reponses/1.1.json
