depot=$HUB/moi/vigie-veille
docker pull -q "$HUB/cours/vigie:1.4.1"
docker build --network none -t "$depot:v1.4.2" - <fournitures/vigie.Dockerfile
for tag in v1.4 v1 latest; do docker tag "$depot:v1.4.2" "$depot:$tag"; done
docker push --all-tags "$depot"
