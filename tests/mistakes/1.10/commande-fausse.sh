. "$SOLUTIONS/1.10.sh"
sed -i 's|"cmd": .*,|"cmd": ["phare"],|' reponses/1.10.json
