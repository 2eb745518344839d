depot=$HUB/moi/vigie-veille
docker pull -q "$HUB/cours/vigie:1.4.1"
timeout 5 docker build --network none -t vigie-veille:1.4.2 - <fournitures/vigie.Dockerfile
