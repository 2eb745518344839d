docker pull "$HUB/cours/outil:1.2"
docker tag "$HUB/cours/outil:1.2" "$HUB/moi/banquise:1.0.0"
docker push "$HUB/moi/banquise:1.0.0"
