bash -e "$SOLUTIONS/3.10.sh"
head -c 300000 aplatir/brouillon.export.tar >coupe
mv coupe aplatir/brouillon.export.tar
