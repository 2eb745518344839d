. "$SOLUTIONS/2.10.sh"
rm atlas.tar.bz2
