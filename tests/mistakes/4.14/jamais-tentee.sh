docker pull -q "$HUB/cours/vigie:1.4.1"
docker tag "$HUB/cours/vigie:1.4.1" "$HUB/pytheas/vigie:1.4.1"
docker push "$HUB/pytheas/vigie:1.4.1"
