. "$SOLUTIONS/2.11.sh"
mv outil-1.2_*.tar.gz "outil-1.2_$(date +%Y%m%d).tgz"
sha256sum outil-1.2_*.tgz outil-1.2.inspect.json config.txt >SHA256SUMS
