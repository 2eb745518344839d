# verdict : image-reconstruite
# dit : `lanterne:1.0` a 3 couches, la version 1.0 fournie en a 2
. "$SOLUTIONS/1.9.sh"
printf 'FROM lanterne:1.0\nCOPY latest-avant.txt /\n' >Dockerfile
docker build -t lanterne:1.0 .
