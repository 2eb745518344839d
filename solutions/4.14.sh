JETON_HUB=$(cat .jeton) bash connexion.sh
docker pull -q "$HUB/cours/vigie:1.4.1"
docker tag "$HUB/cours/vigie:1.4.1" "$HUB/armateur/vigie:1.4.1"
docker push "$HUB/armateur/vigie:1.4.1" >refus.txt 2>&1 || cat refus.txt
docker tag "$HUB/cours/vigie:1.4.1" "$HUB/pytheas/vigie:1.4.1"
docker push "$HUB/pytheas/vigie:1.4.1"
