bash -e "$SOLUTIONS/3.7.sh"
sed -i 's|"modifies": \[|&"/usr/bin/derive", |' reponses/3.7.json
