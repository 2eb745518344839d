docker pull "$HUB/cours/outil:1.2"
mkdir -p archivage
cd archivage
docker save -o outil.tar "$HUB/cours/outil:1.2"
config=$(tar -xOf outil.tar manifest.json | grep -o '"Config":"[^"]*"' | cut -d'"' -f4)
echo "sha256:$(tar -xOf outil.tar "$config" | sha256sum | cut -d' ' -f1)" >config.txt
gzip -c outil.tar >"outil-1.2_$(date +%Y%m%d).tar.gz"
rm outil.tar
docker image inspect "$HUB/cours/outil:1.2" >outil-1.2.inspect.json
sha256sum outil-1.2_*.tar.gz outil-1.2.inspect.json config.txt >SHA256SUMS
