bash -e "$SOLUTIONS/3.7.sh"
sed -i 's|"fichier": .*|"fichier": "/var/lib/derive/positions.txt",|' reponses/3.7.json
