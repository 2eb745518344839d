. "$SOLUTIONS/2.14.sh"
echo '{trompeur}' >reponses/2.14.json
