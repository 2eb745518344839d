. "$SOLUTIONS/1.6.sh"
docker recherche busybox >recherche.txt
