# verdict : mesures-illisibles
. "$SOLUTIONS/2.10.sh"
printf 'x%.0s' {1..200000} >>mesures.csv
