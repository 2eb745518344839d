docker pull "$HUB/voisin/banquise:build-212"
docker tag "$HUB/voisin/banquise:build-212" "$HUB/moi/banquise:1.0.0"
docker push "$HUB/moi/banquise:1.0.0"
