# verdict : date-mal-ecrite
. "$SOLUTIONS/2.11.sh"
mv outil-1.2_*.tar.gz "outil-1.2_$(date +%d%m%Y).tar.gz"
