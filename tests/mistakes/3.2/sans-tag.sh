docker import instantane.tar instantane
