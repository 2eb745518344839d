docker pull --platform linux/arm64 "$HUB/voisin/sonde:1"
docker tag "$HUB/voisin/sonde:1" "$HUB/cours/sonde:1"
docker save "$HUB/cours/sonde:1" >sonde-arm64.tar
