docker pull -q "$HUB/cours/vigie:1.0.0-rc"
cat >etiqueter.sh <<'FIN'
#!/bin/bash
set -euo pipefail
: "${BUILD_ID:?donnez le numéro de construction}"
depot=$HUB/moi/veille-nocturne
docker tag "$HUB/cours/vigie:1.0.0-rc" "$depot:build-$BUILD_ID"
docker tag "$HUB/cours/vigie:1.0.0-rc" "$depot:$(date +%Y%m%d-%H%M%S)"
FIN
BUILD_ID=1 bash etiqueter.sh
sleep 1
BUILD_ID=2 bash etiqueter.sh
