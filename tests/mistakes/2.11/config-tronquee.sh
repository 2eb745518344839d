. "$SOLUTIONS/2.11.sh"
cut -c 8-19 config.txt >abrege && mv abrege config.txt
