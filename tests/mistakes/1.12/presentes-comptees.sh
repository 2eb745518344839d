. "$SOLUTIONS/1.12.sh"
presentes=$(wc -l <communes.txt)
sed -i "s/\"a_telecharger\": .*/\"a_telecharger\": $presentes/" reponses/1.12.json
