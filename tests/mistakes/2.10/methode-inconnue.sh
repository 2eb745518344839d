. "$SOLUTIONS/2.10.sh"
echo '{"plus_petit": "la troisième", "gain_gzip": 67}' >../reponses/2.10.json
