. "$SOLUTIONS/1.7.sh"
sed -i 's|"choix": "nginx"|"choix": "capitaine42/nginx-rapide"|' reponses/1.7.json
