. "$SOLUTIONS/1.7.sh"
fiche=$(grep -B 1 '"nom": "ngnix/nginx"' fournitures/fiches.json | grep -o 'f[1-8]')
sed -i "s/\"$fiche\": \"[^\"]*\"/\"$fiche\": \"officielle\"/" reponses/1.7.json
