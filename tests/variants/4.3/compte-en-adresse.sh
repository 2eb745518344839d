# verdict : compte-impossible
. "$SOLUTIONS/4.3.sh"
echo '{"compte": "lea@exemple.fr"}' >reponses/4.3.json
