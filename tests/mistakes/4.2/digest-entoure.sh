docker save -o vigie.tar "$HUB/moi/vigie:1.0.0"
. "$SOLUTIONS/4.2.sh"
tar -xOf vigie.tar manifest.json | grep -oE '[0-9a-f]{64}' >>digest-publie.txt
