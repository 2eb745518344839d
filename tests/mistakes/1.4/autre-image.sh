docker tag busybox "$HUB/cours/outil:1.2"
