. "$SOLUTIONS/1.10.sh"
sed -i 's|"version": .*|"version": "latest"|' reponses/1.10.json
