. "$SOLUTIONS/2.11.sh"
mv outil-1.2_*.tar.gz outil-1.2.tar.gz
