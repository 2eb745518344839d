# Le tag désigne un index : une liste de variantes, chacune avec son digest.
arm64=$(docker manifest inspect --insecure "$HUB/cours/sonde:1" | grep -B 8 '"arm64"' | grep -o 'sha256:[0-9a-f]*' | tail -n 1)
docker pull "$HUB/cours/sonde@$arm64"
docker tag "$HUB/cours/sonde@$arm64" "$HUB/cours/sonde:1"
docker save -o sonde-arm64.tar "$HUB/cours/sonde:1"
