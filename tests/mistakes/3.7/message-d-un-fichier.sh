bash -e "$SOLUTIONS/3.7.sh"
ligne=$(grep -rh FATAL autopsie/var/log/derive)
sed -i "s|\"dernier_message\": .*|\"dernier_message\": \"$ligne\",|" reponses/3.7.json
