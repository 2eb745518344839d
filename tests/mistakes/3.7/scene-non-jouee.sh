docker pull "$HUB/cours/derive:1"
