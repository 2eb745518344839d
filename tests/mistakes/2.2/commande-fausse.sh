. "$SOLUTIONS/2.2.sh"
sed -i '/^"a"/,/^}/s/"commande": .*\]/"commande": ["\/bin\/sh"]/' reponses/2.2.json
