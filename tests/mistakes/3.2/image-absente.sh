docker load -i instantane.tar
