docker import --change 'CMD ["carnet", "veille"]' --change 'WORKDIR /srv' instantane.tar instantane:2
