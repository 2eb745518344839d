docker import instantane.tar instantane:1
