docker tag "$HUB/cours/carnet:1" instantane:1
