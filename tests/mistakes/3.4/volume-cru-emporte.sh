bash -e "$SOLUTIONS/3.4.sh"
sed -i 's/"aucune"/"fige"/' reponses/3.4.json
