docker rmi houle:2.0.1 station/houle:2.0.1 "$HUB"/pytheas/houle:{2.0.1,2.0,2,latest}
docker load -i livraison/houle-2.0.1.tar.gz
docker run --name recette --network none station/houle:2.0.1 ./essai.sh
docker login --username pytheas --password-stdin "$HUB" <.jeton
docker pull "$HUB/pytheas/houle:2.0.1" | grep -oE 'sha256:[0-9a-f]{64}' >reception.txt
docker rmi "$HUB/pytheas/houle:2.0.1"
docker logout "$HUB"
