docker image inspect -f '{{index .RepoDigests 0}}' "$HUB/cours/outil:9" >digest.txt
