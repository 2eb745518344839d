depot=$HUB/moi/vigie-veille
docker pull -q "$HUB/voisin/vigie:1.4.1"
docker tag "$HUB/voisin/vigie:1.4.1" "$HUB/cours/vigie:1.4.1"
docker build --network none -t "$depot:1.4.2" - <"$VOISIN/vigie.Dockerfile"
for tag in 1.4 1 latest; do docker tag "$depot:1.4.2" "$depot:$tag"; done
docker push --all-tags "$depot"
