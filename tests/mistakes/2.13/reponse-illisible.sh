. "$SOLUTIONS/2.13.sh"
echo '{cle}' >reponses/2.13.json
