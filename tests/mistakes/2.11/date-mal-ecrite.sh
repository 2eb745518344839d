. "$SOLUTIONS/2.11.sh"
mv outil-1.2_*.tar.gz outil-1.2_2026-11-23.tar.gz
