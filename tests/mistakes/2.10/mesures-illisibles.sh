. "$SOLUTIONS/2.10.sh"
ls -l >mesures.csv
