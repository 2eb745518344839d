docker pull "$HUB/cours/vigie:1.0.0-rc"
docker tag "$HUB/cours/vigie:1.0.0-rc" "$HUB/moi/vigie-des-glaces:1.0.0"
docker push "$HUB/moi/vigie-des-glaces:1.0.0"
