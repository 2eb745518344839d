docker pull "$HUB/cours/maree:1"
docker tag "$HUB/cours/maree:1" maree:avant
atelier scene 1.8
docker pull "$HUB/cours/maree:1"
docker tag "$HUB/cours/maree:1" maree:apres
