docker pull "$HUB/voisin/vigie:1.0.0-rc"
docker tag "$HUB/voisin/vigie:1.0.0-rc" "$HUB/moi/vigie:1.0.0"
docker push "$HUB/moi/vigie:1.0.0"
