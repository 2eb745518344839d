. "$SOLUTIONS/2.10.sh"
rm mesures.csv
