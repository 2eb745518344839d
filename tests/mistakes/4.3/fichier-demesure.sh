head -c 70000 /dev/zero | tr '\0' '#' >connexion.sh
mkdir -p reponses
echo '{"compte": "pytheas"}' >reponses/4.3.json
