. "$SOLUTIONS/1.9.sh"
cp latest-apres.txt latest-avant.txt
