. "$SOLUTIONS/1.8.sh"
docker tag busybox maree:avant
