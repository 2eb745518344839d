depot=$HUB/moi/vigie-veille
docker pull -q "$HUB/cours/vigie:1.4.1"
docker build --network none -t "$depot:1.4.2" - <fournitures/vigie.Dockerfile
for tag in 1.4 1; do docker tag "$depot:1.4.2" "$depot:$tag"; done
docker tag "$HUB/cours/vigie:1.4.1" "$depot:latest"
docker push --all-tags "$depot"
