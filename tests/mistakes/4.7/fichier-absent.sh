docker pull -q "$HUB/cours/vigie:1.0.0-rc"
export BUILD_ID=41
docker tag "$HUB/cours/vigie:1.0.0-rc" "$HUB/moi/veille-nocturne:build-$BUILD_ID"
