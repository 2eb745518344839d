. "$SOLUTIONS/1.1.sh"
sed -i '/^"a"/s/"latest"/"aucun"/' reponses/1.1.json
