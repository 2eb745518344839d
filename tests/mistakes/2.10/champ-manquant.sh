. "$SOLUTIONS/2.10.sh"
echo '{"plus_petit": "'"$gagnant"'"}' >../reponses/2.10.json
