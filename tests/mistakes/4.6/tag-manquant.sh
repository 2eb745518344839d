depot=$HUB/moi/vigie-veille
docker pull -q "$HUB/cours/vigie:1.4.1"
docker build --network none -t "$depot:1.4.2" - <fournitures/vigie.Dockerfile
docker tag "$depot:1.4.2" "$depot:1.4"
docker tag "$depot:1.4.2" "$depot:1"
docker push --all-tags "$depot"
