. "$SOLUTIONS/2.10.sh"
sed -i 's/^gzip,.*/gzip,50000/' mesures.csv
