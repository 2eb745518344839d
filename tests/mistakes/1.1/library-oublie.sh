. "$SOLUTIONS/1.1.sh"
sed -i 's/library.ubuntu/ubuntu/' reponses/1.1.json
