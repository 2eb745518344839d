docker pull "$HUB/cours/maree:1"
atelier scene 1.8
