docker pull "$HUB/cours/vigie:1.4.1"
docker tag "$HUB/cours/vigie:1.4.1" "$HUB/moi/vigie:1.0.0"
docker push "$HUB/moi/vigie:1.0.0"
