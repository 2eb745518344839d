. "$SOLUTIONS/1.6.sh"
docker search "$HUB/outil" | grep -v busybox >recherche.txt
