bash -e "$SOLUTIONS/3.8.sh"
sed -i '/caisse_4/d' reponses/3.8.json
