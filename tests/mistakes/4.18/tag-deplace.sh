docker pull "$HUB/cours/banquise:candidat"
docker tag "$HUB/cours/banquise:candidat" "$HUB/moi/banquise:1.0.0"
docker push "$HUB/moi/banquise:1.0.0"
