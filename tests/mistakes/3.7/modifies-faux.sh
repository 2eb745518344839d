bash -e "$SOLUTIONS/3.7.sh"
sed -i 's|"modifies": \[|&"/usr/share/derive/consignes.txt", |' reponses/3.7.json
