# verdict : recette-absente
docker rmi houle:2.0.1 station/houle:2.0.1 "$HUB"/pytheas/houle:{2.0.1,2.0,2,latest}
docker load -i livraison/houle-2.0.1.tar.gz
docker run --name recette --network none station/houle:2.0.1 echo essai.sh
config=$(tar -xzOf livraison/houle-2.0.1.tar.gz manifest.json | grep -o '"Config":"[^"]*"' | grep -oE '[0-9a-f]{64}')
echo "sha256:$config" >reception.txt
