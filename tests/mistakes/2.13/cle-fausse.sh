. "$SOLUTIONS/2.13.sh"
sed -i "s/\"cle\": \"[^\"]*/\"cle\": \"je ne la vois nulle part/" reponses/2.13.json
