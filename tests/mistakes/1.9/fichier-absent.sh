. "$SOLUTIONS/1.9.sh"
rm latest-avant.txt
