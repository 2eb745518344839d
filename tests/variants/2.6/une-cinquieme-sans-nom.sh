# verdict : noms-en-trop
. "$SOLUTIONS/2.6.sh"
docker save "$HUB"/cours/{base,front,back,db}:1.0 "$(docker images -q busybox | head -n 1)" | gzip >lot-v1.tar.gz
