docker import --change 'RUN adduser -D quart' instantane.tar instantane:2
