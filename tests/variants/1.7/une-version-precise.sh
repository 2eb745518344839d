# verdict : passed
. "$SOLUTIONS/1.7.sh"
sed -i 's|"choix": .*|"choix": "docker.io/library/nginx:1.22"|' reponses/1.7.json
