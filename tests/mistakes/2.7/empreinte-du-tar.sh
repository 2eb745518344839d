gunzip -c atlas.tar.gz | sha256sum | sed "s/-$/atlas.tar.gz/" >SHA256SUMS
