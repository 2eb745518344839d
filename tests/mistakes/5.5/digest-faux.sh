docker rmi houle:2.0.1 station/houle:2.0.1 "$HUB"/pytheas/houle:{2.0.1,2.0,2,latest}
docker load -i livraison/houle-2.0.1.tar.gz
docker run --name recette --network none station/houle:2.0.1 ./essai.sh
config=$(sha256sum livraison/houle-2.0.1.tar.gz | cut -d" " -f1)
echo "sha256:$config" >reception.txt
