depot=$HUB/moi/vigie-veille
docker pull -q "$HUB/cours/vigie:1.4.1"
for tag in 1.4.2 1.4 1 latest; do
    docker build --no-cache --network none -t "$depot:$tag" - <fournitures/vigie.Dockerfile
done
docker push --all-tags "$depot"
