. "$SOLUTIONS/1.6.sh"
docker images busybox >recherche.txt
