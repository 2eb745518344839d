docker pull "$HUB/cours/vigie:1.0.0-rc"
