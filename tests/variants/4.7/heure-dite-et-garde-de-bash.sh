# verdict : passed
docker pull -q "$HUB/cours/vigie:1.0.0-rc"
cat >etiqueter.sh <<'FIN'
#!/bin/bash
set -euo pipefail
echo "Début : $(date +%H:%M:%S)"
numero=${BUILD_ID:-}
if [ ! "$numero" ]; then
    echo "numéro de construction absent" >&2
    exit 1
fi
depot=$HUB/moi/veille-nocturne
docker tag "$HUB/cours/vigie:1.0.0-rc" "$depot:build-$BUILD_ID"
docker tag "$HUB/cours/vigie:1.0.0-rc" "$depot:$(date +%Y%m%d-%H%M%S)"
FIN
while read -r numero; do
    BUILD_ID=$numero bash etiqueter.sh
    sleep 1
done <fournitures/constructions.txt
