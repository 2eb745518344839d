depot=$HUB/moi/vigie-veille
docker pull -q "$HUB/cours/vigie:1.4.1"
docker pull -q "$HUB/cours/vigie:1.0.0-rc"
for tag in 1.4.2 1.4 1 latest; do docker tag "$HUB/cours/vigie:1.0.0-rc" "$depot:$tag"; done
docker push --all-tags "$depot"
