docker pull "$HUB/cours/sonde:1"
docker tag "$HUB/cours/sonde:1" "$HUB/cours/sonde:arm64"
docker save -o sonde-arm64.tar "$HUB/cours/sonde:arm64"
