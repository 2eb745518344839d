. "$SOLUTIONS/1.7.sh"
sed -i 's|"choix": "nginx"|"choix": "nordet/nginx"|' reponses/1.7.json
