docker pull "$HUB/cours/emetteur:1"
