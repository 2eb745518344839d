digest=$(docker pull "$HUB/cours/outil:1.2" | grep '^Digest:' | cut -d' ' -f2)
