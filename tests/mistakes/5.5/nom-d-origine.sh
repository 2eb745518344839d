docker rmi station/houle:2.0.1
docker load -i livraison/houle-2.0.1.tar.gz
docker run --name recette --network none station/houle:2.0.1 ./essai.sh
config=$(tar -xzOf livraison/houle-2.0.1.tar.gz manifest.json | grep -o '"Config":"[^"]*"' | grep -oE '[0-9a-f]{64}')
echo "sha256:$config" >reception.txt
