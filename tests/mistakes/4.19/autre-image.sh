docker pull "$HUB/cours/outil:1.2"
docker tag "$HUB/cours/outil:1.2" "$HUB/moi/givre:1"
docker push "$HUB/moi/givre:1"
