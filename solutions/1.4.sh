docker pull "$HUB/cours/outil:1.2"
