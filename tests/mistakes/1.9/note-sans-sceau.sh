. "$SOLUTIONS/1.9.sh"
echo "version 1.0" >latest-avant.txt
