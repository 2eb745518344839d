# verdict : config-confondue
. "$SOLUTIONS/2.11.sh"
docker image inspect -f '{{.RepoDigests}}' "$HUB/cours/outil:1.2" >config.txt
