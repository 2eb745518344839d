. "$SOLUTIONS/1.9.sh"
printf "FROM lanterne:2.0\nCOPY latest-avant.txt /\n" >Dockerfile
docker build -t lanterne:latest .
