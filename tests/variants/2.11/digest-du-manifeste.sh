# verdict : config-confondue
. "$SOLUTIONS/2.11.sh"
docker image inspect -f '{{index .RepoDigests 0}}' "$HUB/cours/outil:1.2" >config.txt
