docker pull -q "$HUB/cours/vigie:1.4.1"
cat >etiqueter.sh <<'FIN'
#!/bin/bash
set -euo pipefail
: "${BUILD_ID:?donnez le numéro de construction}"
depot=$HUB/moi/veille-nocturne
docker tag "$HUB/cours/vigie:1.4.1" "$depot:build-$BUILD_ID"
docker tag "$HUB/cours/vigie:1.4.1" "$depot:$(date +%Y%m%d-%H%M%S)"
FIN
while read -r numero; do
    BUILD_ID=$numero bash etiqueter.sh
    sleep 1
done <fournitures/constructions.txt
