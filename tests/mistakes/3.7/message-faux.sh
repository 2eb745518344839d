bash -e "$SOLUTIONS/3.7.sh"
premiere=$(docker logs derive 2>/dev/null | head -n 1)
sed -i "s|\"dernier_message\": .*|\"dernier_message\": \"$premiere\",|" reponses/3.7.json
