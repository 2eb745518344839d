# verdict : compte-impossible
. "$SOLUTIONS/4.3.sh"
echo '{"compte": "mon compte"}' >reponses/4.3.json
