. "$SOLUTIONS/2.11.sh"
sed -i 's/^/digest : /' config.txt
