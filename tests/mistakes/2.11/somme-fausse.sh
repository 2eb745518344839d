. "$SOLUTIONS/2.11.sh"
gunzip -c *.gz | gzip -1 >nouvelle && mv nouvelle outil-1.2_*.tar.gz
