. "$SOLUTIONS/2.11.sh"
echo 'sha256:inconnu' >config.txt
