. "$SOLUTIONS/1.9.sh"
docker tag busybox lanterne:latest
