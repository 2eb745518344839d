. "$SOLUTIONS/2.10.sh"
echo "{\"plus_petit\": \"$gagnant\", \"gain_gzip\": \"beaucoup\"}" >../reponses/2.10.json
