. "$SOLUTIONS/2.10.sh"
cp atlas.tar.gz atlas.tar.zst
