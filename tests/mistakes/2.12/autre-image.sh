docker pull "$HUB/cours/journal:1"
docker tag "$HUB/cours/journal:1" "$HUB/cours/sonde:1"
docker save "$HUB/cours/sonde:1" >sonde-arm64.tar
