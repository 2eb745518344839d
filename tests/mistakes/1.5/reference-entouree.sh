docker image inspect --format '{{.RepoDigests}}' "$HUB/cours/outil:1.2" >digest.txt
