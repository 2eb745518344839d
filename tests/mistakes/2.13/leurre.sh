. "$SOLUTIONS/2.13.sh"
leurre=$(docker run --rm --network none "$HUB/cours/emetteur:1" cut -d= -f2 /etc/emetteur/cle.exemple)
sed -i "s/\"cle\": \"[^\"]*/\"cle\": \"$leurre/" reponses/2.13.json
