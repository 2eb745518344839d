# moteurs : containerd
docker pull "$HUB/cours/sonde:1"
docker pull --platform linux/arm64 "$HUB/cours/sonde:1"
docker save -o sonde-arm64.tar "$HUB/cours/sonde:1"
