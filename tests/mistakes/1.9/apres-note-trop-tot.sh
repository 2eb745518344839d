. "$SOLUTIONS/1.9.sh"
cp latest-avant.txt latest-apres.txt
