bash -e "$SOLUTIONS/3.7.sh"
sed -i '/dernier_message/d' reponses/3.7.json
