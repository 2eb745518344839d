docker pull "$HUB/voisin/outil:1.2"
docker tag "$HUB/voisin/outil:1.2" "$HUB/cours/outil:1.2"
docker save "$HUB/cours/outil:1.2" >outil-1.2.tar
