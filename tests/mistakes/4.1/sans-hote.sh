docker pull "$HUB/cours/vigie:1.0.0-rc"
docker tag "$HUB/cours/vigie:1.0.0-rc" moi/vigie:1.0.0
timeout 20 docker push moi/vigie:1.0.0
