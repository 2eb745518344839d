. "$SOLUTIONS/1.10.sh"
sed -i 's|"architecture": .*,|"architecture": "amd64",|' reponses/1.10.json
