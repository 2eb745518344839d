. "$SOLUTIONS/2.13.sh"
truncate -s -70000 emetteur-propre.tar
